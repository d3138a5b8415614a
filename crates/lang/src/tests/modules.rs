//! Modules inside a file, and programs of several files.

use super::{checker, codes, compile_text, environment, module};
use crate::{Import, Loaded, Loader, Program, Source, compile_program};
use iridium_bytecode::{Constant, VerifiedModule};

/// Files by path; a name is looked for as a path.
struct Files<'a>(&'a [(&'a str, &'a str)]);

impl Loader for Files<'_> {
    fn load(&mut self, importer: &str, wanted: &Import) -> Result<Loaded, String> {
        let path = match wanted {
            Import::Path(path) => path.clone(),
            Import::Name(names) => format!("{}.eva", names.join("/")),
        };
        let folder = importer.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "." | "" => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        let id = parts.join("/");
        match self.0.iter().find(|(name, _)| *name == id) {
            Some((_, text)) => Ok(Loaded { source: Source::new(id.as_str(), *text), id }),
            None => Err("there is no such file".to_string()),
        }
    }
}

pub(super) fn program(files: &[(&str, &str)], main: &str) -> Program {
    let program = compile_program(Source::new("main.eva", main), &environment(), &mut Files(files));
    for (id, module) in &program.modules {
        if let Err(error) = checker::check(module) {
            panic!("{id}\n{error}");
        }
        if let Err(rejection) = VerifiedModule::new(module.clone()) {
            panic!("{id} rejected: {rejection:?}\n{}", super::disassemble_all(module));
        }
    }
    program
}

fn top(text: &str) -> String {
    checker::brief(&module(text).functions[0])
}

fn globals(text: &str) -> Vec<String> {
    module(text).globals.into_iter().map(|global| global.name).collect()
}

#[test]
fn members_are_globals() {
    assert_eq!(globals("(module A (var k 1) (module B (def f () k)))"), ["A", "A.k", "A.B", "A.B.f"]);
    assert_eq!(
        top("(module M (var k 7)) M.k"),
        "push 7; global-init 1; push-const; global-init 0; global-get 1; return"
    );
    assert!(top("(module M (def f (x) x)) (M.f 1)").ends_with("global-get 1; push 1; call 1; return"));
    assert!(top("(module M (module N (def f (x) x))) (. M.N f 1)").ends_with("global-get 2; push 1; call 1; return"));
    assert!(top("(module M (var x 1)) (M.x.y 1)").ends_with("global-get 1; method; push 1; call-method 1; return"));
    let value = module("(module M (var a 1) (module N (var b 1)) (export a N)) [M M]");
    let value: Vec<_> = value.constants.iter().filter(|c| matches!(c, Constant::Module { .. })).collect();
    let member = |name: &str, global| (name.to_string(), global);
    assert_eq!(value.len(), 2);
    assert_eq!(*value[1], Constant::Module { name: "M".to_string(), members: vec![member("a", 1), member("N", 2)] });
}

#[test]
fn right() {
    for text in [
        "(module M \"doc\" (begin (var k 7) (def f () k))) (M.f)",
        "(module M (def a () (b)) (def b () (a)) (class C null (def m (self) (a)))) (new M.C)",
        "(var k 1) (module M (var k 2) (def f () (set k (+ k 1)) k)) [k M.k]",
        "(M.f) (module M (def f () 1))",
        "(module M (var [a b] [1 2]) (const c 3)) (+ M.a M.b M.c)",
        "(module M (var k 1)) (begin (var M {:k 2}) M.k)",
        "(module M) M (prop M x)",
    ] {
        let wrong = text.contains("prop M x");
        assert_eq!(codes(text), if wrong { vec!["unknown-member"] } else { vec![] }, "{text}");
    }
}

#[test]
fn wrong() {
    for (text, code) in [
        ("(module M (var hidden 2)) hidden", "unknown-name"),
        ("(module M (var k 2)) M.kk", "unknown-member"),
        ("(module M (var k 2)) (M.kk 1)", "unknown-member"),
        ("(module M (var k 2) (var l 1) (export k)) M.l", "unknown-member"),
        ("(module M (var k 2)) (set M.k 3)", "not-a-place"),
        ("(module M (var k 2)) (++ M.k)", "not-a-place"),
        ("(module M (var k 2)) (set M 3)", "not-a-place"),
        ("(module M (const k 2) (set k 3))", "assigned-const"),
        ("(module M) (module M)", "redeclared"),
        ("(module M) (var M 1)", "redeclared"),
        ("(var M 1) (module M)", "redeclared"),
        ("(begin (module M))", "misplaced-module"),
        ("(def f () (module M))", "misplaced-module"),
        ("(begin (import \"./a.eva\"))", "misplaced-import"),
        ("(module M (import \"./a.eva\"))", "misplaced-import"),
        ("(begin (export a))", "misplaced-export"),
        ("(export nope)", "unknown-name"),
        ("(export 1)", "malformed-form"),
        ("(module)", "malformed-form"),
        ("(module 1)", "malformed-form"),
        ("(module if)", "reserved-name"),
        ("(import \"./a.eva\")", "import-unavailable"),
        ("(import 1)", "malformed-form"),
        ("(import)", "malformed-form"),
        ("(import (1) M)", "malformed-form"),
    ] {
        let compiled = compile_text(text);
        assert!(compiled.module.is_none(), "{text} compiles");
        assert_eq!(compiled.diagnostics[0].code, code, "{text}: {:?}", compiled.diagnostics);
    }
}

#[test]
fn programs_that_are_right() {
    let files = [
        ("m.eva", "(var k 7) (def f (x) (* x 2)) (module In (var deep 1) (export deep))"),
        (
            "lib/Tools.eva",
            "(import \"../m.eva\") (export a b f) (import (f) \"../m.eva\") (var a m.k) (def b () 7) (var c 9)",
        ),
        ("x/u.eva", "(var v 1)"),
        ("y/u.eva", "(var v 2)"),
    ];
    for (main, ids) in [
        ("(import \"./m.eva\" as m) (print m.k (m.f 4) m m.In.deep)", "m.eva main.eva"),
        ("(import \"./m.eva\") (import (k f) m) (print (m.f k) (f 1))", "m.eva main.eva"),
        ("(import lib.Tools) (print Tools.a (Tools.b) (Tools.f 1))", "m.eva lib/Tools.eva main.eva"),
        ("(import (a b) lib.Tools) (import (In) \"m.eva\") (print In.deep In)", "m.eva lib/Tools.eva main.eva"),
        ("(import \"x/u.eva\" as a) (import \"y/u.eva\" as b) (print a.v b.v)", "x/u.eva y/u.eva main.eva"),
        ("(import String) (String.upper \"a\")", "main.eva"),
        ("(import (upper) String) (upper \"a\")", "main.eva"),
        ("(import \"./m.eva\" as m) (begin (var m {:z 1}) m.z)", "m.eva main.eva"),
    ] {
        let program = program(&files, main);
        assert!(program.is_right(), "{main}\n{}", program.render(false));
        let found: Vec<_> = program.modules.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(found.join(" "), ids, "{main}");
    }
    let program = program(&files, "(import \"./m.eva\" as m) (print m.k m.k)");
    let (_, main) = &program.modules[1];
    let own = self::program(&files, "(module In (var x 1)) (import \"./m.eva\") [In m.In m]");
    let constants = &own.modules[1].1.constants;
    assert_eq!(constants.iter().filter(|constant| matches!(constant, Constant::Module { .. })).count(), 2);
    let global = &main.globals[0];
    assert_eq!((global.name.as_str(), global.import.as_deref(), main.globals.len()), ("k", Some("m.eva"), 1));
}

#[test]
fn programs_that_are_wrong() {
    let files = [
        ("m.eva", "(var k 7)"),
        ("bad.eva", "(+ 1"),
        ("worse.eva", "(import \"bad.eva\" as b) (print b.x)"),
        ("a.eva", "(import \"b.eva\")"),
        ("b.eva", "(import \"a.eva\")"),
        ("me.eva", "(import \"me.eva\" as self-again)"),
        ("1x.eva", "1"),
        ("main.eva", ""),
    ];
    for (main, codes) in [
        ("(import \"nope.eva\" as n) (print n.x (n.f) n)", "import-not-found"),
        ("(import Nope)", "import-not-found"),
        ("(import \"m.eva\") m.kk", "unknown-member"),
        ("(import (k kk) \"m.eva\") (print k kk)", "unknown-member"),
        ("(import (nope) String)", "unknown-member"),
        ("(import \"m.eva\") (set m.k 1)", "not-a-place"),
        ("(import (k) \"m.eva\") (set k 1)", "not-a-place"),
        ("(import (k) \"m.eva\") (var k 1)", "redeclared"),
        ("(var m 1) (import \"m.eva\")", "redeclared"),
        ("(import \"m.eva\") (import \"m.eva\") m", "redeclared"),
        ("(import \"m.eva\") (export m)", "not-exportable"),
        ("(import \"1x.eva\")", "malformed-form"),
        ("(import \"bad.eva\" as b) (print b.x)", "unbalanced broken-import"),
        ("(import \"worse.eva\" as b) (print b.x)", "unbalanced broken-import broken-import"),
        ("(import \"a.eva\") (a.x)", "import-cycle broken-import broken-import"),
        ("(import \"me.eva\")", "import-cycle broken-import"),
        ("(import \"main.eva\" as me)", "import-cycle"),
    ] {
        let program = program(&files, main);
        let found: Vec<_> = program.diagnostics.iter().map(|(_, diagnostic)| diagnostic.code).collect();
        assert_eq!(found.join(" "), codes, "{main}\n{}", program.render(false));
        assert!(program.modules.is_empty());
    }
}

#[test]
fn messages_name_both_files() {
    let files = [("a.eva", "(var x 1)\n(import \"b.eva\")"), ("b.eva", "(import \"a.eva\")")];
    let shown = program(&files, "(import \"a.eva\")").render(false);
    for part in ["files import each other: a.eva -> b.eva -> a.eva", "b.eva:1:9", "a.eva:2:9", "main.eva:1:9"] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
}
