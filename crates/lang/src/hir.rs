//! The program after name resolution: expressions in one arena, with variables, scopes and functions by number.

use crate::run::Run;
use crate::source::Span;
use iridium_isa::stack::StackOp;
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::rc::Rc;

/// Number of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ExprId(pub(crate) u32);

/// Number of a local variable, unique in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct VarId(pub(crate) u32);

/// Number of a function; the top level is number 0, and a function comes after the one around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FuncId(pub(crate) u32);

/// Number of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScopeId(pub(crate) u32);

/// Expressions: operands, or those of a body.
pub(crate) type Exprs = Run<ExprId>;

/// Arguments or elements.
pub(crate) type Args = Run<Arg>;

/// A value that is known now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An int of 64 bits.
    Int(i64),
    /// A larger int.
    Big(Rc<BigInt>),
    /// A float.
    Float(f64),
    /// Text.
    Str(Rc<str>),
    /// Octets.
    Bytes(Rc<[u8]>),
    /// An atom.
    Atom(Rc<str>),
    /// A function or value of the host.
    Native(Rc<str>),
    /// Module and name of what another module exports.
    Import(Rc<(Rc<str>, Rc<str>)>),
    /// A module as a value.
    Module(Rc<ModuleValue>),
}

/// A module as a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModuleValue {
    /// Its name, with those of the modules around it: no other has the same.
    pub(crate) name: Rc<str>,
    /// Its members, and which globals they are.
    pub(crate) members: Vec<(Rc<str>, u32)>,
}

impl Literal {
    /// An int of any size.
    pub(crate) fn int(value: BigInt) -> Literal {
        match value.to_i64() {
            Some(small) => Literal::Int(small),
            None => Literal::Big(Rc::new(value)),
        }
    }

    /// Whether it counts as true in a condition.
    pub(crate) fn is_truthy(&self) -> bool {
        !matches!(self, Literal::Null | Literal::Bool(false))
    }
}

/// An argument or element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arg {
    /// Its value.
    pub(crate) value: ExprId,
    /// Whether the value's elements stand here, not the value.
    pub(crate) spread: bool,
}

/// A link of `(. object (name arg…) …)`.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// What is looked up.
    pub(crate) name: Rc<str>,
    /// What it is called with.
    pub(crate) args: Args,
    /// Where the call stands.
    pub(crate) span: Span,
}

/// A clause of `switch`.
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    /// The scope of condition and body.
    pub(crate) scope: ScopeId,
    /// The condition; none for `else`.
    pub(crate) condition: Option<ExprId>,
    /// The body.
    pub(crate) body: Exprs,
}

/// What a value is held against.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// Anything.
    Any,
    /// Anything, under a name.
    Bind(VarId),
    /// What is equal to the value of an expression.
    Equal(ExprId),
    /// A list, or a tuple if the flag is set: its elements, and what takes those that follow them.
    Sequence(bool, Vec<Pattern>, Option<Box<Pattern>>),
    /// A map that has these keys.
    Map(Vec<(ExprId, Pattern)>),
    /// A value of a built-in type, by number.
    Type(u32, Box<Pattern>),
    /// An instance of a class, or of the type that an atom names.
    Instance(ExprId, Box<Pattern>),
    /// What one of them takes. All bind the same variables.
    Or(Vec<Pattern>),
    /// What all of them take.
    Both(Box<Pattern>, Box<Pattern>),
    /// What the pattern takes if the guard holds.
    When(Box<Pattern>, ExprId),
}

impl Pattern {
    /// Whether it takes any value.
    pub(crate) fn takes_all(&self) -> bool {
        match self {
            Pattern::Any | Pattern::Bind(_) => true,
            Pattern::Or(patterns) => patterns.iter().any(Pattern::takes_all),
            Pattern::Both(first, second) => first.takes_all() && second.takes_all(),
            _ => false,
        }
    }
}

/// A clause of `match` or `receive`, or a `catch`.
#[derive(Clone, Debug)]
pub(crate) struct PatternClause {
    /// The scope of pattern and body.
    pub(crate) scope: ScopeId,
    /// The pattern.
    pub(crate) pattern: Pattern,
    /// The body.
    pub(crate) body: Exprs,
}

/// What can be assigned.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A local variable.
    Local(VarId),
    /// A local variable whose initialiser has not run here.
    Unready(VarId),
    /// A global.
    Global(u32),
    /// `(prop object name)`
    Prop(ExprId, Rc<str>),
    /// `(get collection key)`, and the default when it is updated.
    Index(ExprId, ExprId, Option<ExprId>),
    /// `[place…]`, or `#[place…]` if the flag is set.
    Many(bool, Box<[Place]>),
    /// Something that was reported already.
    Poison,
}

/// An expression.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    /// Something that was reported already.
    Poison,
    /// A known value.
    Const(Literal),
    /// A local variable of this function or of one around it.
    Local(VarId),
    /// A local variable whose initialiser has not run here.
    Unready(VarId),
    /// A global.
    Global(u32),
    /// The declaration of a local, with its value or null.
    DeclareLocal(VarId, Option<ExprId>),
    /// The declaration of a global, with its value or null.
    DeclareGlobal(u32, Option<ExprId>),
    /// An assignment.
    Set(Place, ExprId),
    /// An update: operation, place, second operand.
    Update(StackOp, Place, ExprId),
    /// Expressions in a scope of their own.
    Scope(ScopeId, Exprs),
    /// Condition, then, else.
    If(ExprId, ExprId, Option<ExprId>),
    /// The first clause whose condition is truthy.
    Switch(Vec<Clause>),
    /// Condition, scope and expressions of the body.
    While(ExprId, ScopeId, Exprs),
    /// A `for` loop.
    For(Box<For>),
    /// An `each` loop.
    Each(Box<Each>),
    /// The first falsy operand, or the last.
    And(Exprs),
    /// The first truthy operand, or the last.
    Or(Exprs),
    /// Negation.
    Not(ExprId),
    /// A closure.
    Lambda(FuncId),
    /// An instruction over its operands. `add`, `sub` and `mul` take more than two, from left to right.
    Op(StackOp, Exprs),
    /// A call.
    Call(ExprId, Args),
    /// Lookups with a call each.
    CallProp(ExprId, Vec<Link>),
    /// A lookup.
    Prop(ExprId, Rc<str>),
    /// A list.
    List(Args),
    /// A tuple.
    Tuple(Args),
    /// A map.
    Map(Vec<(ExprId, ExprId)>),
    /// `return`, and whether its value leaves or continues no loop around it.
    Return(Option<ExprId>, bool),
    /// `break`
    Break(Option<ExprId>),
    /// `continue`
    Continue,
    /// `throw`
    Throw(ExprId),
    /// `try`
    Try(Box<Try>),
    /// The first clause whose pattern takes the value.
    Match(ExprId, Vec<PatternClause>),
    /// `receive`
    Receive(Box<Receive>),
    /// The declaration of locals by a pattern.
    Destructure(Box<Pattern>, ExprId),
    /// The declaration of globals by a pattern.
    DestructureGlobals(Box<DestructureGlobals>),
    /// `class`
    Class(Box<Class>),
    /// `new`
    New(ExprId, Args),
    /// What the parent of a class has under a name.
    SuperGet(ExprId, Rc<str>),
}

/// The declaration of globals by a pattern.
#[derive(Clone, Debug)]
pub(crate) struct DestructureGlobals {
    /// The scope of the pattern's variables.
    pub(crate) scope: ScopeId,
    /// The pattern.
    pub(crate) pattern: Pattern,
    /// What is held against it.
    pub(crate) value: ExprId,
    /// Each variable, and the global that gets its value.
    pub(crate) globals: Vec<(VarId, u32)>,
}

/// A `try`.
#[derive(Clone, Debug)]
pub(crate) struct Try {
    /// The scope of the body.
    pub(crate) scope: ScopeId,
    /// The body.
    pub(crate) body: Exprs,
    /// What may take a thrown value.
    pub(crate) catches: Vec<PatternClause>,
    /// Scope and expressions of what runs on every way out.
    pub(crate) finally: Option<(ScopeId, Exprs)>,
}

/// A `receive`.
#[derive(Clone, Debug)]
pub(crate) struct Receive {
    /// What may take a message.
    pub(crate) clauses: Vec<PatternClause>,
    /// What happens when none comes in time.
    pub(crate) after: Option<After>,
}

/// The `after` clause of a `receive`.
#[derive(Clone, Debug)]
pub(crate) struct After {
    /// The scope of all of it.
    pub(crate) scope: ScopeId,
    /// How many milliseconds the `receive` waits.
    pub(crate) timeout: ExprId,
    /// The body.
    pub(crate) body: Exprs,
}

/// A `class`.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    /// Its name.
    pub(crate) name: Rc<str>,
    /// The scope of what its methods share.
    pub(crate) scope: ScopeId,
    /// The class that it extends, or null.
    pub(crate) parent: ExprId,
    /// Its methods.
    pub(crate) methods: Vec<(Rc<str>, FuncId)>,
    /// Its constants, in order.
    pub(crate) constants: Vec<(Rc<str>, ExprId)>,
    /// What it is bound to.
    pub(crate) binding: Binding,
    /// The variable by which methods know the class that they belong to, if one asks.
    pub(crate) own: Option<VarId>,
}

/// The variable that a declaration initialises.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Binding {
    /// None: its name was reported.
    None,
    /// A local.
    Local(VarId),
    /// A global.
    Global(u32),
}

/// A `for` loop.
#[derive(Clone, Debug)]
pub(crate) struct For {
    /// The scope of everything but the body.
    pub(crate) scope: ScopeId,
    /// Runs first.
    pub(crate) init: ExprId,
    /// The variables that `init` declares: each iteration has its own.
    pub(crate) copied: Vec<VarId>,
    /// The condition.
    pub(crate) condition: ExprId,
    /// Runs after each iteration.
    pub(crate) step: ExprId,
    /// The scope of the body.
    pub(crate) body_scope: ScopeId,
    /// The body.
    pub(crate) body: Exprs,
}

/// An `each` loop.
#[derive(Clone, Debug)]
pub(crate) struct Each {
    /// What is iterated over.
    pub(crate) collection: ExprId,
    /// The scope of body and variables.
    pub(crate) scope: ScopeId,
    /// One or two patterns, mostly names.
    pub(crate) targets: Vec<Pattern>,
    /// The body.
    pub(crate) body: Exprs,
}

/// A local variable.
#[derive(Clone, Debug)]
pub(crate) struct Var {
    /// Its name.
    pub(crate) name: Rc<str>,
    /// Where it is declared.
    pub(crate) span: Span,
    /// The function whose frame it lives in.
    pub(crate) func: FuncId,
    /// The scope it belongs to.
    pub(crate) scope: ScopeId,
    /// Whether it is a `const`.
    pub(crate) constant: bool,
    /// The function that its initialiser makes, if that is a `lambda`.
    pub(crate) lambda: Option<FuncId>,
    /// Whether something assigns it.
    pub(crate) assigned: bool,
    /// Whether a function captures it other than through itself.
    pub(crate) captured: bool,
    /// Whether a function captures it before its initialiser is complete.
    pub(crate) captured_early: bool,
    /// Whether the function that initialises it refers to it.
    pub(crate) self_captured: bool,
    /// Whether control may go past its declaration.
    pub(crate) conditional: bool,
}

impl Var {
    /// Whether it must live in a cell.
    pub(crate) fn is_cell(&self) -> bool {
        // A cell knows whether it is initialised; that is what conditional declarations need.
        self.is_cell_from_start() || (self.captured && self.assigned)
    }

    /// Whether the cell must exist before the declaration is reached.
    pub(crate) fn is_cell_from_start(&self) -> bool {
        self.conditional || self.captured_early || (self.self_captured && self.assigned)
    }

    /// The function in which the variable is the running function itself.
    pub(crate) fn is_self_in(&self) -> Option<FuncId> {
        if self.assigned { None } else { self.lambda }
    }
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Param {
    /// Its variable; none for `_`.
    pub(crate) var: Option<VarId>,
    /// Its default, if it is optional.
    pub(crate) default: Option<ExprId>,
}

/// A function.
#[derive(Clone, Debug)]
pub(crate) struct Func {
    /// Its name, or empty.
    pub(crate) name: Rc<str>,
    /// Where its form stands.
    pub(crate) span: Span,
    /// The function around it.
    pub(crate) parent: Option<FuncId>,
    /// The scope of parameters and body.
    pub(crate) scope: ScopeId,
    /// All parameters, the rest included.
    pub(crate) params: Vec<Param>,
    /// How many must be given.
    pub(crate) required: usize,
    /// How many have a default.
    pub(crate) optional: usize,
    /// Whether the last takes what remains.
    pub(crate) rest: bool,
    /// The body.
    pub(crate) body: Exprs,
    /// The variables of functions around it that it or a function in it uses.
    pub(crate) captures: Vec<VarId>,
    /// Place in `captures`, by variable.
    pub(crate) capture_numbers: FxHashMap<VarId, u32>,
    /// Whether each capture is a cell; filled when resolution is complete.
    pub(crate) capture_is_cell: Vec<bool>,
}

/// A global.
#[derive(Clone, Debug)]
pub(crate) struct GlobalVar {
    /// Its name.
    pub(crate) name: Rc<str>,
    /// Whether it is a `const`.
    pub(crate) constant: bool,
    /// Where it was declared first; none for names of a REPL that come from elsewhere.
    pub(crate) span: Option<Span>,
    /// How many declarations it has.
    pub(crate) declarations: u32,
    /// Whether something assigns it.
    pub(crate) assigned: bool,
    /// The function that its one declaration makes.
    pub(crate) lambda: Option<FuncId>,
    /// The module that it is a global of, if that is another one.
    pub(crate) import: Option<Rc<str>>,
}

/// A resolved program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hir {
    /// The expressions.
    exprs: Vec<Expr>,
    spans: Vec<Span>,
    lists: Vec<ExprId>,
    arguments: Vec<Arg>,
    /// The local variables.
    pub(crate) vars: Vec<Var>,
    /// The variables of each scope, in order of declaration.
    pub(crate) scopes: Vec<SmallVec<[VarId; 4]>>,
    /// The functions.
    pub(crate) funcs: Vec<Func>,
    /// The globals.
    pub(crate) globals: Vec<GlobalVar>,
    /// Variables, each with the one of the same function and name that it hides.
    pub(crate) hidden: Vec<(VarId, VarId)>,
}

impl Hir {
    /// Adds an expression.
    pub(crate) fn add(&mut self, expr: Expr, span: Span) -> ExprId {
        self.exprs.push(expr);
        self.spans.push(span);
        ExprId(self.exprs.len() as u32 - 1)
    }

    /// An expression.
    pub(crate) fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }

    /// Where an expression stands.
    pub(crate) fn span(&self, id: ExprId) -> Span {
        self.spans[id.0 as usize]
    }

    /// All expressions; operands come before what they are operands of.
    pub(crate) fn exprs(&self) -> impl DoubleEndedIterator<Item = (ExprId, &Expr)> {
        self.exprs.iter().enumerate().map(|(number, expr)| (ExprId(number as u32), expr))
    }

    /// Keeps a list of expressions.
    pub(crate) fn add_list(&mut self, exprs: Vec<ExprId>) -> Exprs {
        Run::added(&mut self.lists, exprs)
    }

    /// The expressions of a list.
    pub(crate) fn list(&self, exprs: Exprs) -> &[ExprId] {
        exprs.within(&self.lists)
    }

    /// Keeps arguments.
    pub(crate) fn add_args(&mut self, args: Vec<Arg>) -> Args {
        Run::added(&mut self.arguments, args)
    }

    /// The arguments.
    pub(crate) fn args(&self, args: Args) -> &[Arg] {
        args.within(&self.arguments)
    }

    /// A variable.
    pub(crate) fn var(&self, id: VarId) -> &Var {
        &self.vars[id.0 as usize]
    }

    /// A function.
    pub(crate) fn func(&self, id: FuncId) -> &Func {
        &self.funcs[id.0 as usize]
    }

    /// The variables of a scope.
    pub(crate) fn scope(&self, id: ScopeId) -> &[VarId] {
        &self.scopes[id.0 as usize]
    }

    /// The value of an expression, if it is known.
    pub(crate) fn literal(&self, id: ExprId) -> Option<&Literal> {
        match self.expr(id) {
            Expr::Const(literal) => Some(literal),
            _ => None,
        }
    }
}
