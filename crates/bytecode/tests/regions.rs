//! What a throw goes on with is what was there when its region began: code that would break that is rejected.

use iridium_bytecode::{Constant, Function, Handler, Module, Rule, VerifiedModule};
use iridium_isa::stack::{self, StackOp as S};

/// Verifies a function of one local with this code and regions; labels are distances as they are written.
fn verify(code: &[(S, i32)], handlers: &[(u32, u32, u32)]) -> Result<(), (Rule, u32)> {
    let mut octets = Vec::new();
    for &(op, operand) in code {
        stack::encode(&mut octets, op, &[operand as u32][..op.row().operands.len()]);
    }
    let handlers = handlers.iter().map(|&(start, end, target)| Handler { start, end, target }).collect();
    let function = Function { code: octets, handlers, locals: 1, ..Function::default() };
    let module =
        Module { functions: vec![function], constants: vec![Constant::Atom("a".to_owned())], ..Module::default() };
    VerifiedModule::new(module).map(drop).map_err(|rejection| (rejection.rule, rejection.offset))
}

#[test]
fn a_region_is_not_entered_in_its_middle() {
    // The jump goes past the write of the local, into the region, whose handler reads the local.
    let code = |distance| {
        [
            (S::PushTrue, 0),      // 0
            (S::JumpIf, distance), // 1
            (S::PushNull, 0),      // 6
            (S::LocalSet, 0),      // 7
            (S::PushNull, 0),      // 9: the region
            (S::Pop, 0),           // 10
            (S::PushNull, 0),      // 11
            (S::Throw, 0),         // 12
            (S::Pop, 0),           // 13: the handler
            (S::LocalGet, 0),      // 14
            (S::Return, 0),        // 16
        ]
    };
    assert_eq!(verify(&code(5), &[(9, 13, 13)]), Err((Rule::BadHandler, 1)), "to the middle");
    assert_eq!(verify(&code(3), &[(9, 13, 13)]), Err((Rule::UnsetLocal, 14)), "to the start: both ways count");
    assert_eq!(verify(&code(0), &[(9, 13, 13)]), Ok(()));
    // A handler in the middle of another region, too.
    assert_eq!(verify(&code(0), &[(6, 7, 11), (9, 13, 13)]), Err((Rule::BadHandler, 6)));
}

#[test]
fn a_region_leaves_alone_what_was_there_at_its_start() {
    // What `method` pushes beside the function is no value, but the handler would take it for one.
    let replaced = [
        (S::PushNull, 0), // 0
        (S::PushNull, 0), // 1
        (S::Pop, 0),      // 2: the region
        (S::Pop, 0),      // 3
        (S::PushNull, 0), // 4
        (S::Method, 0),   // 5
        (S::PushNull, 0), // 7
        (S::Throw, 0),    // 8
        (S::Pop, 0),      // 9: the handler
        (S::Return, 0),   // 10
    ];
    assert_eq!(verify(&replaced, &[(2, 9, 9)]), Err((Rule::BadHandler, 2)));
    // One instruction that takes an operand and leaves another in its place.
    let negated = [(S::PushNull, 0), (S::Not, 0), (S::Throw, 0), (S::Pop, 0), (S::Return, 0)];
    assert_eq!(verify(&negated, &[(1, 3, 3)]), Err((Rule::BadHandler, 1)));
    let kept = [(S::PushNull, 0), (S::PushNull, 0), (S::Not, 0), (S::Throw, 0), (S::Pop, 0), (S::Return, 0)];
    assert_eq!(verify(&kept, &[(1, 4, 4)]), Ok(()));
}

#[test]
fn a_local_that_changes_its_kind_in_a_region_is_unset_behind_it() {
    let code = [
        (S::PushNull, 0), // 0
        (S::LocalSet, 0), // 1
        (S::PushNull, 0), // 3: the region
        (S::CellNew, 0),  // 4
        (S::PushNull, 0), // 6
        (S::LocalSet, 0), // 7
        (S::PushNull, 0), // 9
        (S::Throw, 0),    // 10
        (S::Pop, 0),      // 11: the handler
        (S::LocalGet, 0), // 12
        (S::Return, 0),   // 14
    ];
    assert_eq!(verify(&code, &[(3, 11, 11)]), Err((Rule::UnsetLocal, 12)));
    assert_eq!(verify(&code, &[(3, 4, 11), (3, 11, 11)]), Err((Rule::UnsetLocal, 12)));
    assert_eq!(verify(&code, &[(9, 11, 11)]), Ok(()));
}
