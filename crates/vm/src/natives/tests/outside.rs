//! Strings of the library, and what needs the driver.

use super::eval::{Eval, check};
use crate::trap::{ErrorKind, FileAnswer, Response};

#[test]
fn strings() {
    check(&[
        ("(String.split \"a,b,,c\" \",\")", "[\"a\" \"b\" \"\" \"c\"]"),
        ("(String.split \"  a b\\n c \")", "[\"a\" \"b\" \"c\"]"),
        ("(String.split \"aé\" \"\")", "[\"a\" \"é\"]"),
        ("(String.split \"\" \",\")", "[\"\"]"),
        ("(String.split \",\" \",\")", "[\"\" \"\"]"),
        ("(String.split \"\")", "[]"),
        ("(String.split 5)", ":type-error `String.split` takes a string, not an int"),
        ("(String.join [\"x\" \"y\" 3] \"-\")", "\"x-y-3\""),
        ("(String.join [])", "\"\""),
        (
            "[(String.trim \"  a b\\n\") (String.trim \" \") (String.upper \"aß\") (String.lower \"ÀB\")]",
            "[\"a b\" \"\" \"ASS\" \"àb\"]",
        ),
        (
            "[(String.starts? \"abc\" \"ab\") (String.ends? \"abc\" \"bc\") (String.ends? \"abc\" \"x\")]",
            "[true true false]",
        ),
        (
            "[(String.replace \"banana\" \"an\" \"-\") (String.replace \"ab\" \"x\" \"y\") (String.replace \"ab\" \"\" \".\")]",
            "[\"b--a\" \"ab\" \".a.b.\"]",
        ),
        (
            "[(String.repeat \"ab\" 3) (String.repeat \"\" (** 10 30)) (String.repeat \"a\" 0)]",
            "[\"ababab\" \"\" \"\"]",
        ),
        ("(String.repeat \"a\" (** 10 10))", ":limit-error the string would have more than 2147483647 bytes"),
        ("(String.repeat \"a\" (** 10 9))", "no memory"),
        (
            "[(String.code-points \"aé\") (String.from-code-points [97 233]) (String.from-code-points [])]",
            "[[97 233] \"aé\" \"\"]",
        ),
        ("(String.from-code-points [55296])", ":value-error 55296 is no code point"),
        ("(String.from-code-points [:a])", ":type-error `String.from-code-points` takes ints, not an atom"),
        (
            "[(String.pad-left \"é\" 3) (String.pad-right \"é\" 3 \".\") (String.pad-left \"abc\" 2) (String.pad-left \"\" -1)]",
            "[\"  é\" \"é..\" \"abc\" \"\"]",
        ),
        ("(String.pad-left \"a\" 5 \"xy\")", ":value-error `String.pad-left` fills with one character"),
        ("(String.pad-left \"a\" (** 10 30))", ":limit-error the string would have more than 2147483647 bytes"),
        (
            "[(String.to-atom \"ok\") (String.to-atom \"any text\") (String.to-bytes \"é\")]",
            "[:ok :\"any text\" #b\"\\xc3\\xa9\"]",
        ),
        ("(String.repeat \"a\" -1)", ":value-error `String.repeat` a negative number of times"),
        ("[(String.chars \"aé\") (String.lines \"a\\nb\\r\\n\\nc\\n\")]", "[[\"a\" \"é\"] [\"a\" \"b\" \"\" \"c\"]]"),
    ]);
}

#[test]
fn what_the_driver_is_asked() {
    check(&[
        ("(print 1 \"a\" [\"b\"])", "request Write([49, 32, 97, 32, 91, 34, 98, 34, 93, 10])"),
        ("(print)", "request Write([10])"),
        ("(write \"a\")", "request Write([97])"),
        ("(%report \"a\")", "request Report(\"a\")"),
        ("(%report 5)", ":type-error `%report` takes a string, not an int"),
        ("(%outline [1 \"a\"])", "\"[1 \\\"a\\\"]\""),
        ("(%outline (range 100))", "\"(range 0 100)\""),
        ("(len (%outline (String.repeat \"a\" 1000)))", "201"),
        ("(read-line)", "request ReadLine"),
        ("(File.read \"x\")", "request ReadFile(\"x\")"),
        ("(File.lines \"x\")", "request OpenLines(\"x\")"),
        ("(File.read 5)", ":type-error `File.read` takes a string as the path, not an int"),
        ("(Os.args)", "request Arguments"),
        ("(File.read-bytes \"x\")", "request ReadBytes(\"x\")"),
        ("(File.write \"x\" #b\"\\0\")", "request File(Write { path: \"x\", bytes: [0], append: false })"),
        ("(File.append \"x\" \"a\")", "request File(Write { path: \"x\", bytes: [97], append: true })"),
        ("(File.write \"x\" 5)", ":type-error `File.write` takes a string or bytes to write, not an int"),
        ("(File.exists? \"x\")", "request File(Exists(\"x\"))"),
        ("(File.delete \"x\")", "request File(Delete(\"x\"))"),
        ("(File.list \"x\")", "request File(List(\"x\"))"),
        ("(File.make-dir \"x\")", "request File(MakeFolder(\"x\"))"),
        ("(%stat \"x\")", "request File(Stat(\"x\"))"),
        ("(File.open \"x\")", "request OpenLines(\"x\")"),
        ("(File.open \"x\" :append)", "request OpenWriter(\"x\", true)"),
        (
            "(File.open \"x\" :both)",
            ":value-error `File.open` knows the modes :read, :write and :append, but not :both",
        ),
        ("(File.read-line 5)", ":type-error `File.read-line` takes an open file, not an int"),
        ("(File.close 5)", ":type-error `File.close` takes an open file, not an int"),
        ("(give 5 (self))", ":type-error `give` takes an open file, not an int"),
    ]);
    let mut eval = Eval::new();
    for (response, shown) in [
        (Response::Done, "null"),
        (Response::Text("é".into()), "\"é\""),
        (Response::Texts(vec!["a".into(), "b".into()]), "[\"a\" \"b\"]"),
        (Response::Port(3), "<port>"),
        (Response::Bytes(vec![0, 97]), "#b\"\\0a\""),
        (Response::File(FileAnswer::Done), "null"),
        (Response::File(FileAnswer::Truth(true)), "true"),
        (Response::File(FileAnswer::Names(vec!["b".into(), "a".into()])), "[\"a\" \"b\"]"),
        (Response::File(FileAnswer::Stat { size: 3, folder: true, modified: None }), "#[:folder 3 null]"),
        (Response::Failed(ErrorKind::Io, "no such file".into()), ":io-error no such file"),
    ] {
        let result = crate::natives::respond(&mut eval.heap, &Default::default(), &response);
        assert_eq!(eval.show(result), shown);
    }
}
