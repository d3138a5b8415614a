//! Tests of operations and natives as tables: an expression and what it gives.

mod eval;
mod library;
mod outside;
mod processes;
mod table;

use crate::heap::Heap;
use crate::value::Value;
use eval::{Eval, check};

#[test]
fn natives_take_any_values_without_a_panic() {
    let samples = [
        "null",
        "true",
        "0",
        "-1",
        "3",
        "2147483648",
        "99999999999999999999",
        "1.5",
        "nan",
        "inf",
        "-0.0",
        "\"\"",
        "\"aé日\"",
        "#b\"\\xff\"",
        ":a",
        "[]",
        "[1 2]",
        "#[]",
        "#[:a [1]]",
        "{}",
        "{1 2}",
        "(range 3)",
        "(error :a)",
        "9223372036854775807",
        "-9223372036854775808",
    ];
    let mut eval = Eval::new();
    let values: Vec<_> = samples.iter().map(|sample| eval.value(sample).unwrap()).collect();
    for native in super::TABLE {
        for count in native.min..=native.max.unwrap_or(native.min.max(2)).min(3) {
            let mut digits = vec![0; count as usize];
            loop {
                let args: Vec<_> = digits.iter().map(|&digit| values[digit]).collect();
                // Lists and maps are changed on the way: all the better.
                if let Ok(value) = (native.run)(&mut eval.heap, &args) {
                    let _ = crate::format::repr_within(&eval.heap, value, 1000);
                }
                let Some(place) = digits.iter().position(|&digit| digit + 1 < values.len()) else { break };
                digits[place] += 1;
                digits[..place].fill(0);
            }
        }
    }
    eval.heap.check();
}

#[test]
fn int_arithmetic_is_exact() {
    check(&[
        ("(+ 2 40)", "42"),
        ("(+)", "0"),
        ("(+ 1)", "1"),
        ("(+ 1 2 3 4)", "10"),
        ("(*)", "1"),
        ("(* 7)", "7"),
        ("(* 1 2 3 4)", "24"),
        ("(- 5)", "-5"),
        ("(- 10 1 2)", "7"),
        ("(+ 2147483647 1)", "2147483648"),
        ("(- -2147483648 1)", "-2147483649"),
        ("(- -2147483648)", "2147483648"),
        ("(* 65536 65536)", "4294967296"),
        ("(+ 9223372036854775807 1)", "9223372036854775808"),
        ("(- -9223372036854775808 1)", "-9223372036854775809"),
        ("(- -9223372036854775808)", "9223372036854775808"),
        ("(- 9223372036854775808 1)", "9223372036854775807"),
        ("(+ 9223372036854775808 -9223372036854775808)", "0"),
        ("(* -4294967296 4294967296)", "-18446744073709551616"),
        ("(* 3037000500 3037000500)", "9223372037000250000"),
        ("(/ 84 2)", "42"),
        ("(/ 7 2)", "3.5"),
        ("(/ -7 2)", "-3.5"),
        ("(/ -9223372036854775808 -1)", "9223372036854775808"),
        ("(/ (** 10 30) (** 10 29))", "10"),
        ("(/ 9007199254740993 2)", "4503599627370496.0"),
        ("(/ 9223372036854775807 9223372036854775806)", "1.0"),
        ("(/ (+ (** 10 400) 1) (** 10 399))", "10.0"),
        ("(/ 1 (** 10 320))", "1e-320"),
        ("(/ (+ (** 10 400) 1) 2)", ":arithmetic-error the quotient is beyond the range of floats; `div` gives an int"),
        ("(/ 1 0)", ":arithmetic-error `/` of an int by zero"),
        ("(/ (** 10 30) 0)", ":arithmetic-error `/` of an int by zero"),
        ("(div 7 2)", "3"),
        ("(div -7 2)", "-4"),
        ("(div 7 -2)", "-4"),
        ("(div -7 -2)", "3"),
        ("(div -9223372036854775808 -1)", "9223372036854775808"),
        ("(div (- (** 10 30)) 7)", "-142857142857142857142857142858"),
        ("(div 1 0)", ":arithmetic-error `div` of an int by zero"),
        ("(% 7 3)", "1"),
        ("(% -7 3)", "2"),
        ("(% 7 -3)", "-2"),
        ("(% -7 -3)", "-1"),
        ("(% (** 10 30) 1000000007)", "999657007"),
        ("(% -9223372036854775808 -1)", "0"),
        ("(% 1 0)", ":arithmetic-error `%` of an int by zero"),
        ("(** 2 10)", "1024"),
        ("(** -3 41)", "-36472996377170786403"),
        ("(** 0 0)", "1"),
        ("(** 0 5)", "0"),
        ("(** -1 (** 10 40))", "1"),
        ("(** -1 (+ (** 10 40) 1))", "-1"),
        ("(** 1 (** 10 40))", "1"),
        ("(len (str (** 10 1000)))", "1001"),
        ("(abs -5)", "5"),
        ("(abs -9223372036854775808)", "9223372036854775808"),
        ("(abs (- (** 2 70)))", "1180591620717411303424"),
        ("(abs -1.5)", "1.5"),
        ("(square 9)", "81"),
        ("(square 9223372036854775807)", "85070591730234615847396907784232501249"),
    ]);
}

#[test]
fn ints_have_a_limit() {
    check(&[
        ("(len (repr (- (** 2 262143) 1)))", "78913"),
        ("(** 2 262144)", ":limit-error the int would have more than 262144 bits"),
        ("(** 3 200000)", ":limit-error the int would have more than 262144 bits"),
        ("(** 10 (** 10 18))", ":limit-error the int would have more than 262144 bits"),
        ("(** 10 (** 10 40))", ":limit-error the int would have more than 262144 bits"),
        ("(<< 1 262144)", ":limit-error the int would have more than 262144 bits"),
        ("(<< 1 (** 10 18))", ":limit-error the int would have more than 262144 bits"),
        ("(<< 1 (** 10 40))", ":limit-error the int would have more than 262144 bits"),
        ("(<< 0 (** 10 40))", "0"),
        ("(* (** 2 200000) (** 2 200000))", ":limit-error the int would have more than 262144 bits"),
        ("(+ (** 2 262143) (** 2 262143))", ":limit-error the int would have more than 262144 bits"),
        ("(int (String.repeat \"9\" 80000))", ":limit-error the int would have more than 262144 bits"),
    ]);
}

#[test]
fn float_arithmetic() {
    check(&[
        ("(+ 1 1.0)", "2.0"),
        ("(* 2 0.5)", "1.0"),
        ("(- 1 0.5)", "0.5"),
        ("(+ 0.1 0.2)", "0.30000000000000004"),
        ("(/ 2.0 3)", "0.6666666666666666"),
        ("(/ 1 0.0)", "inf"),
        ("(/ 0.0 0)", "nan"),
        ("(/ -1.0 0)", "-inf"),
        ("(+ 1e308 1e308 (- 1e308))", "inf"),
        ("(- 0.0)", "-0.0"),
        ("(* -1 0.0)", "-0.0"),
        ("(- nan)", "nan"),
        ("(- inf inf)", "nan"),
        ("(div 7.5 2)", "3.0"),
        ("(div -7.5 2)", "-4.0"),
        ("(div 1.0 0)", "inf"),
        ("(div 0.3 0.1)", "2.0"),
        ("(div inf 1)", "nan"),
        ("(div -1 inf)", "-1.0"),
        ("(div 1 inf)", "0.0"),
        ("(% 7.5 2)", "1.5"),
        ("(% -7.5 2)", "0.5"),
        ("(% 7.5 -2)", "-0.5"),
        ("(% 1.0 0)", "nan"),
        ("(% -1 inf)", "inf"),
        ("(% 1 inf)", "1.0"),
        ("(% 4.0 -2)", "-0.0"),
        ("(** 2 -1)", "0.5"),
        ("(** -2 -3)", "-0.125"),
        ("(** 3 -1)", "0.3333333333333333"),
        ("(** 10 -400)", "0.0"),
        ("(** -10 -401)", "-0.0"),
        ("(** 10 -320)", "1e-320"),
        ("(** 2 -1074)", "5e-324"),
        ("(** 1 -5)", "1.0"),
        ("(** -1 -5)", "-1.0"),
        ("(** 0 -1)", ":arithmetic-error `**` of zero to a negative power"),
        ("(** 2.0 3)", "8.0"),
        ("(** 2 0.5)", "1.4142135623730951"),
        ("(** 0.0 -1)", "inf"),
        ("(** -8.0 0.5)", "nan"),
        ("(+ (** 10 400) 1.0)", ":arithmetic-error the int is beyond the range of floats"),
        ("(sqrt 16)", "4.0"),
        ("(sqrt -1)", "nan"),
        ("(sqrt (** 10 300))", "1e150"),
        ("(sqrt :a)", ":type-error `sqrt` takes a number, not an atom"),
        ("(round 2.5)", "2"),
        ("(round 3.5)", "4"),
        ("(round -2.5)", "-2"),
        ("(round -2.6)", "-3"),
        ("(round 7)", "7"),
        ("(round 1e300)", "(int 1e300)"),
        ("(floor -2.5)", "-3"),
        ("(floor 2.9)", "2"),
        ("(ceil 2.1)", "3"),
        ("(ceil -2.5)", "-2"),
        ("(ceil (** 10 30))", "1000000000000000000000000000000"),
        ("(round nan)", ":value-error `round` of nan: there is no such int"),
        ("(floor inf)", ":value-error `floor` of an infinity: there is no such int"),
    ]);
}

#[test]
fn bits_of_ints() {
    check(&[
        ("[(& 12 10) (| 12 10) (^ 12 10) (~ 5) (~ -1)]", "[8 14 6 -6 0]"),
        ("[(& -1 255) (| -256 1) (^ -1 5) (& -4 -6)]", "[255 -255 -6 -8]"),
        ("(& (** 2 100) (- (** 2 100)))", "1267650600228229401496703205376"),
        ("(| (** 2 40) 1)", "1099511627777"),
        ("(^ -1 (** 2 70))", "-1180591620717411303425"),
        ("(~ (** 2 70))", "-1180591620717411303425"),
        ("(~ 2147483648)", "-2147483649"),
        (
            "[(<< 1 31) (<< 1 62) (<< 1 63) (<< 1 64) (<< -1 63)]",
            "[2147483648 4611686018427387904 9223372036854775808 18446744073709551616 -9223372036854775808]",
        ),
        ("[(>> -1 100) (>> -5 1) (>> 5 100) (>> (** 2 100) 98)]", "[-1 -3 0 4]"),
        ("[(>> (** 2 40) 38) (>> (- (** 2 70)) 100) (>> (- (** 2 70)) (** 2 70)) (>> 7 (** 2 70))]", "[4 -1 -1 0]"),
        ("[(<< 0 1000000) (>> 0 5) (<< 7 0)]", "[0 0 7]"),
        ("(<< 1 -1)", ":value-error `<<` by a negative number of bits"),
        ("(>> 1 -1)", ":value-error `>>` by a negative number of bits"),
        ("(>> 1 (- (** 2 70)))", ":value-error `>>` by a negative number of bits"),
        ("(<< 1 (- (** 2 70)))", ":value-error `<<` by a negative number of bits"),
        ("(& 1.0 1)", ":type-error `&` takes two ints, not a float and an int"),
        ("(| 1 \"a\")", ":type-error `|` takes two ints, not an int and a string"),
        ("(<< :a 1)", ":type-error `<<` takes two ints, not an atom and an int"),
        ("(~ null)", ":type-error `~` takes an int, not null"),
    ]);
}

#[test]
fn operands_of_the_wrong_type() {
    check(&[
        ("(+ 1 \"a\")", ":type-error `+` cannot add an int and a string"),
        ("(+ \"a\" 1)", ":type-error `+` cannot add a string and an int"),
        ("(+ 1 true)", ":type-error `+` cannot add an int and a bool"),
        ("(+ [1] #[1])", ":type-error `+` cannot add a list and a tuple"),
        ("(+ null)", ":type-error `+` cannot add null and an int"),
        ("(* \"a\")", ":type-error `*` cannot multiply a string and an int"),
        ("(+ \"a\" \"b\" 1)", ":type-error `+` cannot add a string and an int"),
        ("(+ \"a\" \"b\" [1])", ":type-error `+` cannot add a string and a list"),
        ("(- \"a\")", ":type-error `-` cannot negate a string"),
        ("(- 1 :a)", ":type-error `-` cannot subtract an atom from an int"),
        ("(* [1] 2)", ":type-error `*` cannot multiply a list and an int"),
        ("(/ 1 null)", ":type-error `/` cannot divide an int by null"),
        ("(div 1 {})", ":type-error `div` cannot divide an int by a map"),
        ("(% #b\"\" 1)", ":type-error `%` cannot divide bytes by an int"),
        ("(** 2 (range 3))", ":type-error `**` takes two numbers, not an int and a range"),
        ("(< 1 \"a\")", ":type-error `<` cannot compare an int and a string"),
        ("(<= null 1)", ":type-error `<=` cannot compare null and an int"),
        ("(> :a :b)", ":type-error `>` cannot compare an atom and an atom"),
        ("(>= [1] #[1])", ":type-error `>=` cannot compare a list and a tuple"),
        ("(< [1 null] [1 2])", ":type-error `<` cannot compare null and an int"),
        ("(< true false)", ":type-error `<` cannot compare a bool and a bool"),
    ]);
}

#[test]
fn equality() {
    check(&[
        ("(== 1 1.0)", "true"),
        ("(= 1.0 1)", "true"),
        ("(!= 1 1.5)", "true"),
        ("(== 0 -0.0)", "true"),
        ("(== nan nan)", "false"),
        ("(== 9223372036854775807 9223372036854775808.0)", "false"),
        ("(== 9223372036854775808 9223372036854775808.0)", "true"),
        ("(== (** 2 100) (** 2.0 100))", "true"),
        ("(== (+ (** 2 100) 1) (** 2.0 100))", "false"),
        ("(== 9007199254740993 9007199254740992.0)", "false"),
        ("(== (** 2 100) inf)", "false"),
        ("(== (+ \"a\" \"b\") \"ab\")", "true"),
        ("(== \"\\u{e9}\" \"e\\u{301}\")", "false"),
        ("(== #b\"ab\" #b\"ab\")", "true"),
        ("(== #b\"ab\" \"ab\")", "false"),
        ("(== #b\"\" \"\")", "false"),
        ("(== :a \"a\")", "false"),
        ("(== :a :a)", "true"),
        ("(== null false)", "false"),
        ("(== [1 [2 3]] [1 [2 3]])", "true"),
        ("(== [1 2] [1 2 3])", "false"),
        ("(== [1 2.0] [1.0 2])", "true"),
        ("(== [1] #[1])", "false"),
        ("(== [nan] [nan])", "false"),
        ("(== #[:a \"b\"] #[:a \"b\"])", "true"),
        ("(== {:a 1 :b 2} {:b 2 :a 1})", "true"),
        ("(== {:a 1} {:a 2})", "false"),
        ("(== {:a 1} {:b 1})", "false"),
        ("(== {:a 1} {:a 1 :b 2})", "false"),
        ("(== {1 [2]} {1.0 [2.0]})", "true"),
        ("(== {nan 1} {nan 1})", "true"),
        ("(== (range 0 5 2) (range 0 6 2))", "true"),
        ("(== (range 3) (range 4))", "false"),
        ("(== (range 0) (range 5 5))", "true"),
        ("(== (range 3) [0 1 2])", "false"),
        ("(== (error :a) (error :a))", "false"),
        ("(same? 1 1.0)", "false"),
        ("(same? nan nan)", "true"),
        ("(same? 99999999999 99999999999)", "true"),
        ("(same? (** 2 70) (** 2 70))", "true"),
        ("(same? \"abc\" (+ \"ab\" \"c\"))", "true"),
        ("(same? [1] [1])", "false"),
        ("(same? #[1 \"ab\" nan] #[1 \"ab\" nan])", "true"),
        ("(same? #[1 2] #[1 2.0])", "false"),
        ("(same? #[[]] #[[]])", "false"),
        ("(same? #[1] #[1 2])", "false"),
        ("(not null)", "true"),
        ("(not 0)", "false"),
    ]);
}

#[test]
fn order() {
    check(&[
        ("(< 9223372036854775807 9223372036854775808.0)", "true"),
        ("(< (** 2.0 100) (+ (** 2 100) 1))", "true"),
        ("(< 2 2.5)", "true"),
        ("(> 3 2.5)", "true"),
        ("(< -3 -2.5)", "true"),
        ("(< -2.5 -2)", "true"),
        ("(< (- (** 2 80)) -1e30)", "false"),
        ("(< (** 10 400) inf)", "true"),
        ("(> (- (** 10 400)) -inf)", "true"),
        ("[(< 1 nan) (<= 1 nan) (> 1 nan) (>= 1 nan) (< nan (** 2 99))]", "[false false false false false]"),
        ("(>= 3 3)", "true"),
        ("(<= 2147483648 2147483648)", "true"),
        (
            "[(< \"a\" \"b\") (< \"a\" \"ab\") (< \"Z\" \"a\") (< \"\" \"a\") (>= \"b\" \"b\") (< \"z\" \"é\")]",
            "[true true true true true true]",
        ),
        ("(< #b\"a\" #b\"b\")", "true"),
        ("(< [1 2] [1 3])", "true"),
        ("(< [1 2] [1 2 0])", "true"),
        ("(<= [1 2] [1 2.0])", "true"),
        ("(> [2] [1 9 9])", "true"),
        ("(< #[:a 1] #[:a 2])", "true"),
        ("(< [[1 [2]] 3] [[1 [2]] 4])", "true"),
        ("(< [{:a 1} 1] [{:a 1} 2])", "true"),
        ("(< [nan 1] [nan 2])", "false"),
    ]);
}

#[test]
fn representation() {
    check(&[
        ("[null true false :ok]", "[null true false :ok]"),
        (
            "[1.0 -0.5 100.0 0.0001 0.00005 1e15 1e16 1e22 1.5e-7 5e-324]",
            "[1.0 -0.5 100.0 0.0001 5e-5 1000000000000000.0 1e16 1e22 1.5e-7 5e-324]",
        ),
        (
            "[123456789012345680.0 1.7976931348623157e308 inf -inf nan -0.0]",
            "[1.2345678901234568e17 1.7976931348623157e308 inf -inf nan -0.0]",
        ),
        ("(repr \"a\\n\\t\\r\\0\\\\\\\"z\\u{1b}é\")", r#""\"a\\n\\t\\r\\0\\\\\\\"z\\u{1b}é\"""#),
        ("(repr \"\")", r#""\"\"""#),
        ("#b\"a\\n\\x00\\xff\\x7f\\\"\\\\\"", r#"#b"a\n\0\xff\x7f\"\\""#),
        ("{\"a\" 1 :b 2 3 [4]}", "{\"a\" 1 :b 2 3 [4]}"),
        ("[{} [] #[] #[1 [2]]]", "[{} [] #[] #[1 [2]]]"),
        ("(range 5)", "(range 0 5)"),
        ("(range 0 10 2)", "(range 0 10 2)"),
        (
            "[:a.b :set! :\"any text\" :\"\" :\"1\" :-x :\"-1\" :+]",
            "[:a.b :set! :\"any text\" :\"\" :\"1\" :-x :\"-1\" :+]",
        ),
        ("(error :boom \"it broke\")", "<Error>"),
        ("(str)", "\"\""),
        ("(str 1 \"a\" :b null)", "\"1a:bnull\""),
        ("(str [1 \"x\"] 2.0)", "\"[1 \\\"x\\\"]2.0\""),
        ("(str (error :boom \"it broke\"))", "\":boom: it broke\""),
        ("(str [(error :boom \"it broke\" 1)])", "\"[:boom: it broke]\""),
        ("(str (error :boom))", "\":boom\""),
        ("(str (repr 1.0) (repr -7) (repr [1 #[2]]))", "\"1.0-7[1 #[2]]\""),
        ("(str \"plain\")", "\"plain\""),
    ]);
}

#[test]
fn types() {
    check(&[
        (
            "[(type 1) (type (** 2 40)) (type (** 2 70)) (type 1.5) (type \"s\") (type #b\"\") (type :a)]",
            "[:int :int :int :float :string :bytes :atom]",
        ),
        (
            "[(type []) (type #[]) (type {}) (type (range 1)) (type null) (type true) (type (error :a))]",
            "[:list :tuple :map :range :null :bool :instance]",
        ),
        (
            "[(is? 1 :int) (is? 1 :number) (is? 1.5 :number) (is? 1.5 :int) (is? \"a\" :number) (is? [] :list)]",
            "[true true true false false true]",
        ),
        ("(is? 1 2)", ":type-error `is?` takes a class or the atom of a type, not an int"),
        ("(error \"a\")", ":type-error `error` takes an atom as the error's kind, not a string"),
        ("(int 3.9)", "3"),
        ("(int -3.9)", "-3"),
        ("(int 1e20)", "100000000000000000000"),
        ("(int \"42\")", "42"),
        ("(int \" -0x1F \")", "-31"),
        ("(int \"-170141183460469231731687303715884105729\")", "-170141183460469231731687303715884105729"),
        ("(int \"3.5\")", ":value-error \"3.5\" is no int"),
        ("(int \"\")", ":value-error \"\" is no int"),
        ("(int nan)", ":value-error `int` of nan: there is no such int"),
        ("(int null)", ":type-error `int` takes a number or a string, not null"),
        ("[(float 3) (float \"2.5\") (float 1.5) (float \"7\") (float \"-inf\")]", "[3.0 2.5 1.5 7.0 -inf]"),
        ("(float \"abc\")", ":value-error \"abc\" is no number"),
        ("(float (** 10 400))", ":arithmetic-error the int is beyond the range of floats"),
        ("(float [])", ":type-error `float` takes a number or a string, not a list"),
        (
            "[(parse-number \"12\") (parse-number \"-2.5\") (parse-number \"1_000\") (parse-number \"0b101\") (parse-number \"2E3\")]",
            "[12 -2.5 1000 5 2000.0]",
        ),
        (
            "[(parse-number \"x\") (parse-number \"\") (parse-number \"1_\") (parse-number \".5\") (parse-number \"5.\")]",
            "[null null null null null]",
        ),
        (
            "[(parse-number \"0x\") (parse-number \"1__0\") (parse-number \"--1\") (parse-number \"1e\") (parse-number \"-nan\")]",
            "[null null null null null]",
        ),
        (
            "[(parse-number \" -999999999999999999 \") (parse-number \"9999999999999999999\") (parse-number \"-0\") (int \"007\")]",
            "[-999999999999999999 9999999999999999999 0 7]",
        ),
        ("[(float \"-0\") (float \"9007199254740993\")]", "[0.0 9007199254740992.0]"),
        ("(parse-number 5)", ":type-error `parse-number` takes a string, not an int"),
    ]);
}

#[test]
fn elements_and_entries() {
    check(&[
        ("[(len []) (len \"héllo\") (len #b\"ab\") (len {1 2}) (len (range 10 20 2)) (len #[1 2])]", "[0 5 2 1 5 2]"),
        ("(len 5)", ":type-error an int has no length"),
        (
            "[(get [1 2 3] 0) (get [1 2 3] -1) (get #[1 2 3] -3) (get \"héllo\" 1) (get \"a😀b\" 2) (get \"abc\" -3)]",
            "[1 3 1 \"é\" \"b\" \"a\"]",
        ),
        ("[(get #b\"\\x00\\xff\" -1) (get (range 10 20 2) 4) (get {:a 1} :a) (get {1 2} 1.0)]", "[255 18 1 2]"),
        ("(get [1] 1)", ":index-error index 1 is out of range for a list of 1 element"),
        ("(get [1 2] -3)", ":index-error index -3 is out of range for a list of 2 elements"),
        ("(get \"abc\" 3)", ":index-error index 3 is out of range for a string of 3 characters"),
        ("(get #[] (** 2 70))", ":index-error index 1180591620717411303424 is out of range for a tuple of 0 elements"),
        ("(get {:a 1} :b)", ":key-error the map has no key :b"),
        ("(get [1] \"0\")", ":type-error an index is an int, not a string"),
        ("(get [1] 0.0)", ":type-error an index is an int, not a float"),
        ("(get null 0)", ":type-error null has no elements to get"),
        ("(get {} [])", ":type-error a list cannot be a map's key, since it can change"),
        ("[(get \"abc\" 3 :none) (get \"\" 0 null) (get {} 1 2) (get [] 0 [])]", "[:none null 2 []]"),
        ("(put [1 2] 0 9)", "[9 2]"),
        ("(put [1 2] -1 9)", "[1 9]"),
        ("(put [1 2] 2 9)", ":index-error index 2 is out of range for a list of 2 elements"),
        ("(put {:a 1 :b 2} :a 9)", "{:a 9 :b 2}"),
        ("(put #[1] 0 2)", ":type-error a tuple cannot be changed"),
        ("(put {} #[1 [2]] 1)", ":type-error a tuple that holds a list cannot be a map's key, since it can change"),
        (
            "[(has? {:a null} :a) (has? {} 1) (has? [1] 0) (has? [1] -1) (has? [1] 1) (has? \"ab\" 1)]",
            "[true false true true false true]",
        ),
        ("(has? 5 1)", ":type-error `has?` takes a collection, not an int"),
        ("(let m {:a 1 :b 2} [(remove m :a) (remove m :z) m])", "[1 null {:b 2}]"),
        ("(let xs [1 2 3] [(remove xs 0) (remove xs -1) xs])", "[1 3 [2]]"),
        ("(remove [1] 1)", ":index-error index 1 is out of range for a list of 1 element"),
        ("(remove \"a\" 0)", ":type-error `remove` takes a map or a list, not a string"),
        ("(push [1] 2)", "[1 2]"),
        ("(push #[1] 2)", ":type-error `push` takes a list, not a tuple"),
        ("(let xs [1 2] [(pop xs) (pop xs) xs])", "[2 1 []]"),
        ("(pop [])", ":index-error `pop` of an empty list"),
        ("(insert (insert (insert [1 3] 1 2) 0 0) 4 4)", "[0 1 2 3 4]"),
        ("(insert [1 2] -1 :x)", "[1 :x 2]"),
        ("(insert [1] 100 2)", "[1 2]"),
        ("(insert [1] null 2)", ":type-error `insert` takes an int as the index, not null"),
        ("(let xs [1] (let ys (copy xs) [(push xs 2) ys]))", "[[1 2] [1]]"),
        ("(let m {1 2} (let n (copy m) [(put m 1 3) n (same? (copy \"a\") \"a\")]))", "[{1 3} {1 2} true]"),
        ("(prop (copy (error :a \"b\")) message)", "\"b\""),
    ]);
}

#[test]
fn slices_and_other_parts() {
    check(&[
        (
            "[(slice [0 1 2 3 4] 1 3) (slice [0 1 2] 1) (slice [0 1 2] -2) (slice [0 1 2] 0 -1) (slice [0 1] 9)]",
            "[[1 2] [1 2] [1 2] [0 1] []]",
        ),
        (
            "[(slice \"日本語テキスト\" 1 3) (slice \"abc\" 1) (slice \"abc\" -2) (slice \"abc\" 0 -1) (slice \"abc\" 2 1)]",
            "[\"本語\" \"bc\" \"bc\" \"ab\" \"\"]",
        ),
        (
            "[(slice #[1 2 3] 1) (slice #b\"abc\" -2 null) (slice (range 0 20 3) 1 3) (slice (range 5) 4 1)]",
            "[#[2 3] #b\"bc\" (range 3 7 3) (range 0 0)]",
        ),
        ("(slice [1 2 3] (- (** 2 70)) (** 2 70))", "[1 2 3]"),
        ("(slice [1] :a)", ":type-error `slice` takes an int as the index, not an atom"),
        ("(slice 5 1)", ":type-error `slice` takes a sequence, not an int"),
        (
            "[(concat) (concat [1] [2 3] []) (concat \"a\" \"é\") (concat #[1] #[2]) (concat #b\"a\" #b\"b\")]",
            "[[] [1 2 3] \"aé\" #[1 2] #b\"ab\"]",
        ),
        ("(concat [1] #[2] (range 1))", "[1 2 0]"),
        ("(concat [1] \"a\")", ":type-error `concat` cannot join a list and a string"),
        (
            "(concat 5)",
            ":type-error cannot walk over an int; a list, tuple, string, bytes, range or map can be walked over",
        ),
        (
            "[(+ \"a\" \"b\" \"c\") (+ [1] [2] [3]) (+ #[1] #[2]) (+ #b\"a\" #b\"b\") (+ \"\" \"\") (+ [1])]",
            "[\"abc\" [1 2 3] #[1 2] #b\"ab\" \"\" [1]]",
        ),
        (
            "[(reverse [1 2 3]) (reverse #[1 2]) (reverse \"añ\") (reverse #b\"ab\") (reverse (range 5))]",
            "[[3 2 1] #[2 1] \"ña\" #b\"ba\" (range 4 -1 -1)]",
        ),
        ("(%list (reverse (range 0 10 3)))", "[9 6 3 0]"),
        ("(reverse {})", ":type-error `reverse` takes a sequence, not a map"),
        ("[(range 3) (range 1 3) (range 3 0 -1)]", "[(range 0 3) (range 1 3) (range 3 0 -1)]"),
        ("(range 0 1 0)", ":value-error `range` by a step of zero"),
        ("(range 1.5)", ":type-error `range` takes ints, not a float"),
        ("(range (** 2 70))", ":limit-error the bounds of a range have at most 64 bits"),
        ("(let m {:a 1 :b 2} [(keys m) (values m) (entries m)])", "[[:a :b] [1 2] [#[:a 1] #[:b 2]]]"),
        ("(keys [])", ":type-error `keys` takes a map, not a list"),
        (
            "[(%tuple [1 2]) (%list #[1 2]) (%tuple \"ab\") (%list (range 3)) (%list {1 2})]",
            "[#[1 2] [1 2] #[\"a\" \"b\"] [0 1 2] [#[1 2]]]",
        ),
        (
            "(%list 5)",
            ":type-error cannot walk over an int; a list, tuple, string, bytes, range or map can be walked over",
        ),
        ("(%list (range (** 10 15)))", "no memory"),
        ("(%list (range 0 2000000000))", "no memory"),
        (
            "[(%list (range 2147483646 2147483649)) (%list (range 5 -5 -4)) (%list (range 0))]",
            "[[2147483646 2147483647 2147483648] [5 1 -3] []]",
        ),
        ("[(fill 3 0) (fill 0 1)]", "[[0 0 0] []]"),
        ("(fill -1 0)", ":value-error `fill` with a negative length"),
        ("(fill (** 10 15) 0)", "no memory"),
        ("(zip [1 2 3] \"ab\" (range 10))", "[#[1 \"a\" 0] #[2 \"b\" 1]]"),
        ("(zip)", "[]"),
        ("[(enumerate \"ab\") (enumerate [5] 1)]", "[[#[0 \"a\"] #[1 \"b\"]] [#[1 5]]]"),
    ]);
}

#[test]
fn searching_and_sorting() {
    check(&[
        (
            "[(contains? [1 [2]] [2]) (contains? [1 2] 1.0) (contains? [1] 2) (contains? {:a 1} :a) (contains? #[] 1)]",
            "[true true false true false]",
        ),
        ("[(contains? \"hello\" \"ell\") (contains? \"hello\" \"z\") (contains? \"hello\" \"\")]", "[true false true]"),
        (
            "[(contains? #b\"abc\" #b\"bc\") (contains? #b\"abc\" 97) (contains? #b\"a\" (** 2 70))]",
            "[true true false]",
        ),
        (
            "[(contains? (range 0 10 3) 6) (contains? (range 0 10 3) 6.0) (contains? (range 5) 5) (contains? (range 5) :a)]",
            "[true true false false]",
        ),
        ("(contains? \"a\" 1)", ":type-error `contains?` takes a string to look for in a string, not an int"),
        ("(contains? 5 1)", ":type-error `contains?` takes a collection, not an int"),
        (
            "[(index-of \"héllo\" \"l\") (index-of [1 2 2] 2.0) (index-of [1] 5) (index-of \"é\" \"z\") (index-of (range 5 9) 7)]",
            "[2 1 null null 2]",
        ),
        ("(index-of {} 1)", ":type-error `index-of` takes a sequence, not a map"),
        ("(%sort [3 1.5 2 -1 10])", "[-1 1.5 2 3 10]"),
        ("(%sort [1.0 2 1 2.0 0])", "[0 1.0 1 2 2.0]"),
        (
            "[(%sort [2.5 -1.0 0.0]) (%sort [\"b\" \"é\" \"a\"]) (%sort #[[2] [1 5] [1]]) (%sort []) (%sort (range 3 0 -1))]",
            "[[-1.0 0.0 2.5] [\"a\" \"b\" \"é\"] [[1] [1 5] [2]] [] [1 2 3]]",
        ),
        ("(len (%sort [1 nan 3 nan 2 0.5 nan]))", "7"),
        ("(%sort-piece [3 1 2] 1)", "3"),
        ("(%merge-piece [1 3 2 4] [0 0 0 0] 0 2 2 4)", "#[2 4]"),
        ("(%merge-piece [1 3 2 4] [0 0] 0 2 2 4)", ":type-error `%merge-piece` takes indices in order, not a list"),
        ("(%sort [1 \"a\"])", ":type-error `<` cannot compare a string and an int"),
        ("[(min 3 1 2) (max 3 1 2) (min [2 1.0]) (max #[1 5 2]) (max [1]) (min \"ba\")]", "[1 3 1.0 5 1 \"a\"]"),
        ("[(min 1 1.0) (max 1 1.0)]", "[1 1]"),
        ("(min [])", ":value-error `min` of nothing"),
        ("(max 1 :a)", ":type-error `>` cannot compare an atom and an int"),
        ("(max {1 2})", "#[1 2]"),
        ("(max [null])", ":type-error `>` cannot compare null and null"),
        ("[(sum [1 2 3]) (sum []) (sum (range 101)) (sum [0.5 1])]", "[6 0 5050 1.5]"),
        (
            "[(sum (range 0 (** 10 15))) (sum (range 5 0 -2)) (max (range (** 10 15))) (min (range 9 0 -4))]",
            "[499999999999999500000000000000 9 999999999999999 1]",
        ),
        ("(sum [\"a\"])", ":type-error `+` cannot add an int and a string"),
        (
            "[(== (hash 1) (hash 1.0)) (== (hash \"ab\") (hash (+ \"a\" \"b\"))) (== (hash 1) (hash 2))]",
            "[true true false]",
        ),
        (
            "[(== (hash (** 2 70)) (hash (** 2.0 70))) (== (hash {1 2 3 4}) (hash {3 4 1 2})) (== (hash [1]) (hash #[1]))]",
            "[true true false]",
        ),
        ("(== (hash (range 0 5 2)) (hash (range 0 6 2)))", "true"),
    ]);
}

#[test]
fn properties() {
    check(&[
        ("(prop {:a 1} a)", "1"),
        ("(prop {:a 1} b)", ":property-error a map has no property `b`"),
        ("(prop 5 x)", ":property-error an int has no property `x`"),
        ("[(prop (error :k \"m\" [1]) kind) (prop (error :k) message) (prop (error :k) stack)]", "[:k null null]"),
        ("(prop (error :k) other)", ":property-error an instance of Error has no property `other`"),
    ]);
}

#[test]
fn what_the_prelude_alone_uses() {
    check(&[
        ("(%constructor 1)", "null"),
        ("[(%hash-asks [1 (error :k)] false) (%hash-asks 1 true)]", "[[] []]"),
        (
            "(%hash-asks #[1 []] true)",
            ":type-error a tuple that holds a list cannot be a map's key, since it can change",
        ),
        ("(== (%hash-of [1 2] []) (hash [1 2]))", "true"),
        ("(%hash-of (error :k) [:a])", ":type-error a class's `hash` gives an int, not an atom"),
        ("[(%candidates {1 2 \"a\" 3} (hash \"a\")) (%candidates {} 5)]", "[[\"a\"] []]"),
        ("(%candidates {} :a)", ":type-error `%candidates` takes a hash, not an atom"),
        (
            "(let m {} [(%map-put m 1 5 :a) (%map-put m 2 5 :b) (%map-put m 1 5 :c) (%candidates m 5)])",
            "[{1 :c 2 :b} {1 :c 2 :b} {1 :c 2 :b} [1 2]]",
        ),
        (
            "(let m (%map-put (%map-put {7 8} 1 5 :a) 2 5 :b) [(%map-get m 2 5) (%map-get m 3 5 0) (%map-has? m 1 5) (%map-has? m 1 6)])",
            "[:b 0 true false]",
        ),
        ("(%map-get {} 1 (hash 1))", ":key-error the map has no key 1"),
        (
            "(let m (%map-put {7 8} 1 5 :a) [(%map-remove m 1 5) (%map-remove m 1 5) (%map-remove m 7 (hash 7)) m])",
            "[:a null 8 {}]",
        ),
        (
            "[(%differences [1 1.0 [2] [2]] [] false) (%differences [1 2] [] false) (%differences [nan nan] [] true)]",
            "[[] null []]",
        ),
        ("[(%str-asks [1]) (%str-of [\"a\" 1] [])]", "[[] \"[\\\"a\\\" 1]\"]"),
        ("(%str-of 1 [2])", ":type-error a class's `str` gives a string, not an int"),
        ("[(%method (error :k) :str) (%method 5 :str)]", "[null null]"),
        ("(%method (error :k) 1)", ":type-error `%method` takes an atom, not an int"),
        ("(%error-class 1)", ":type-error `%error-class` takes a class, not an int"),
        (
            "(%instead \"nobody\" 1)",
            ":type-error `%instead` takes a native's name and a function without captures, not a string",
        ),
    ]);
}

#[test]
fn cyclic_data() {
    let mut eval = Eval::new();
    let list = eval.value("[1]").unwrap();
    let twin = eval.value("[1]").unwrap();
    let map = eval.value("{}").unwrap();
    for (container, part) in [(list, list), (twin, twin)] {
        crate::ops::push(&mut eval.heap, container, part).unwrap();
    }
    let key = eval.value(":self").unwrap();
    crate::ops::put(&mut eval.heap, map, key, map).unwrap();
    crate::ops::put(&mut eval.heap, map, crate::Value::int(1), list).unwrap();
    let heap = &mut eval.heap;
    assert_eq!(crate::format::repr(heap, list).unwrap(), "[1 [...]]");
    assert_eq!(crate::format::repr(heap, map).unwrap(), "{:self {...} 1 [1 [...]]}");
    assert!(crate::ops::eq(heap, list, twin).unwrap());
    assert!(crate::ops::eq(heap, map, map).unwrap());
    assert!(!crate::ops::lt(heap, list, twin).unwrap());
    assert!(crate::ops::le(heap, list, twin).unwrap());
    let hash = |value| crate::data::hash::of(heap, value);
    assert_eq!(hash(list), hash(twin));
    let _ = hash(map);
    crate::ops::push(heap, twin, crate::Value::NULL).unwrap();
    assert!(!crate::ops::eq(heap, list, twin).unwrap());
    // Through an error, and shared without a cycle: printed as often as it is there.
    let error = eval.value("(error :a \"m\")").unwrap();
    let holder = crate::data::list::new(&mut eval.heap, &[error, error]).unwrap();
    let message = eval.heap.node().atom("message").unwrap();
    crate::ops::prop_set(&mut eval.heap, error, message, holder).unwrap();
    assert_eq!(crate::format::str(&eval.heap, error).unwrap(), ":a: [<Error> <Error>]");
    assert_eq!(crate::format::repr(&eval.heap, holder).unwrap(), "[<Error> <Error>]");
}

/// What a comparison says, however long it takes.
fn whether(
    heap: &mut Heap,
    compare: fn(&Heap, Value, Value) -> Result<bool, crate::trap::Trap>,
    a: Value,
    b: Value,
) -> bool {
    crate::task::at_once(heap, |heap| compare(heap, a, b).map(Value::bool)).unwrap() == Value::TRUE
}

#[test]
fn deep_data_needs_no_host_stack() {
    use crate::data::{hash, list, map, tuple};
    let work = || {
        let mut eval = Eval::with_limit(1 << 28);
        let heap = &mut eval.heap;
        let mut build = |leaf: i32| {
            let (mut in_lists, mut in_tuples, mut in_maps) = (Value::int(leaf), Value::int(leaf), Value::int(leaf));
            for _ in 0..200_000 {
                in_lists = list::new(heap, &[in_lists]).unwrap();
                in_tuples = tuple::new(heap, &[in_tuples]).unwrap();
                in_maps = map::from_entries(heap, &[(Value::int(1), in_maps)]).unwrap();
            }
            [in_lists, in_tuples, in_maps]
        };
        let (a, b, c) = (build(1), build(1), build(2));
        for at in 0..3 {
            assert!(whether(heap, crate::ops::eq, a[at], b[at]));
            assert!(!whether(heap, crate::ops::eq, a[at], c[at]));
            assert_eq!(hash::of(heap, a[at]), hash::of(heap, b[at]));
            assert!(crate::format::repr(heap, a[at]).unwrap().len() >= 400_001);
            assert!(crate::format::brief(heap, a[at]).len() < 100);
        }
        assert!(whether(heap, crate::ops::lt, a[0], c[0]));
        assert!(!whether(heap, crate::ops::lt, c[1], a[1]));
        assert!(hash::of_key(heap, a[1]).is_ok());
        assert!(whether(heap, crate::ops::same, a[1], b[1]));
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(work).unwrap().join().unwrap();
}

#[test]
fn shared_data_costs_what_it_is() {
    use crate::data::{list, tuple};
    let mut eval = Eval::with_limit(1 << 28);
    let heap = &mut eval.heap;
    let mut build = || {
        let mut shared = (list::new(heap, &[]).unwrap(), tuple::new(heap, &[]).unwrap());
        for _ in 0..100 {
            shared.0 = list::new(heap, &[shared.0, shared.0]).unwrap();
            shared.1 = tuple::new(heap, &[shared.1, shared.1]).unwrap();
        }
        shared
    };
    let (a, b) = (build(), build());
    assert!(whether(heap, crate::ops::eq, a.0, b.0) && whether(heap, crate::ops::eq, a.1, b.1));
    assert!(whether(heap, crate::ops::eq, a.0, a.0) && whether(heap, crate::ops::same, a.1, b.1));
    assert!(whether(heap, crate::ops::le, a.0, b.0));
    assert_eq!(crate::data::hash::of(heap, a.1), crate::data::hash::of(heap, b.1));
    let result = crate::format::repr_within(heap, a.0, 1 << 16);
    assert_eq!(eval.show_text(result), ":limit-error the text would have more than 65536 bytes");
}

#[test]
fn unpacking() {
    let mut eval = Eval::new();
    let list = eval.value("[1 2]").unwrap();
    let tuple = eval.value("#[3]").unwrap();
    let heap = &eval.heap;
    let ints = |value, n, tuple| -> Option<Vec<i32>> {
        Some(crate::ops::unpack(heap, value, n, tuple).ok()?.map(|value| value.as_int().unwrap()).collect())
    };
    assert_eq!(ints(list, 2, false), Some(vec![1, 2]));
    assert_eq!(ints(tuple, 1, true), Some(vec![3]));
    assert_eq!(ints(list, 2, true), None);
    assert_eq!(ints(list, 1, false), None);
    assert_eq!(ints(crate::Value::NULL, 0, false), None);
}
