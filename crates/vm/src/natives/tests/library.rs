//! Natives of `Math`, `Bytes` and `String.format`. Python agrees with what it has too; see the tests of the whole.

use super::eval::check;

#[test]
fn mathematics() {
    check(&[
        (
            "[(Math.sin 0) (Math.cos 0) (Math.tan 0) (Math.asin 1) (Math.acos 1) (Math.atan 1)]",
            "[0.0 1.0 0.0 1.5707963267948966 0.0 0.7853981633974483]",
        ),
        ("[(Math.atan2 1 -1) (Math.exp 0) (Math.hypot 3 4)]", "[2.356194490192345 1.0 5.0]"),
        (
            "[(Math.log 1) (Math.log2 8) (Math.log10 1000) (Math.log 8 2) (Math.log 0) (Math.log -1)]",
            "[0.0 3.0 3.0 3.0 -inf nan]",
        ),
        ("[(Math.log2 (** 2 5000)) (Math.log10 (** 10 400))]", "[5000.0 400.0]"),
        ("(Math.log (- 0 (** 2 5000)))", "nan"),
        ("(Math.sin (** 2 5000))", ":arithmetic-error the int is beyond the range of floats"),
        ("(Math.sin \"a\")", ":type-error `Math.sin` takes numbers, not a string"),
        ("(Math.asin 2)", "nan"),
    ]);
}

#[test]
fn octets() {
    check(&[
        (
            "[(Bytes.to-string #b\"a\\xc3\\xa9\") (Bytes.hex #b\"\\x00\\xff\") (Bytes.from-hex \"00fF\")]",
            "[\"aé\" \"00ff\" #b\"\\0\\xff\"]",
        ),
        ("(Bytes.to-string #b\"a\\xff\")", ":value-error these bytes are not UTF-8 text from octet 1 on"),
        ("(Bytes.from-list [0 255])", "#b\"\\0\\xff\""),
        ("(Bytes.from-list [256])", ":value-error 256 is not from 0 to 255"),
        ("(Bytes.from-list [1.5])", ":type-error `Bytes.from-list` takes ints from 0 to 255, not a float"),
        ("(Bytes.from-hex \"0\")", ":value-error `Bytes.from-hex` takes pairs of hexadecimal digits"),
        ("(Bytes.from-hex \"é\")", ":value-error `Bytes.from-hex` takes pairs of hexadecimal digits"),
        (
            "[(Bytes.base64 #b\"\") (Bytes.base64 #b\"f\") (Bytes.base64 #b\"fo\") (Bytes.base64 #b\"foo\")]",
            "[\"\" \"Zg==\" \"Zm8=\" \"Zm9v\"]",
        ),
        (
            "[(Bytes.from-base64 \"\") (Bytes.from-base64 \"Zg==\") (Bytes.from-base64 \"Zm8=\") (Bytes.from-base64 \"Zm9v\")]",
            "[#b\"\" #b\"f\" #b\"fo\" #b\"foo\"]",
        ),
        (
            "(Bytes.from-base64 \"Zg=\")",
            ":value-error `Bytes.from-base64` takes groups of four of A-Z a-z 0-9 + /, padded with =",
        ),
        (
            "(Bytes.from-base64 \"Zh==\")",
            ":value-error `Bytes.from-base64` takes groups of four of A-Z a-z 0-9 + /, padded with =",
        ),
        (
            "(Bytes.from-base64 \"====\")",
            ":value-error `Bytes.from-base64` takes groups of four of A-Z a-z 0-9 + /, padded with =",
        ),
        (
            "[(Bytes.read #b\"\\xff\\xfe\" 0 :u16) (Bytes.read #b\"\\xff\\xfe\" 0 :i16-le) (Bytes.read #b\"\\xff\\xfe\" -1 :i8)]",
            "[65534 -257 -2]",
        ),
        ("(Bytes.read #b\"\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\" 0 :u64)", "18446744073709551615"),
        ("(Bytes.read #b\"\\x3f\\xc0\\x00\\x00\" 0 :f32)", "1.5"),
        ("(Bytes.read #b\"ab\" 1 :u16)", ":index-error there are no 2 octets at index 1 of 2 bytes"),
        ("(Bytes.read #b\"ab\" -3 :u8)", ":index-error there are no 1 octet at index -3 of 2 bytes"),
        (
            "[(Bytes.write :i16 -2) (Bytes.write :u32-le 1) (Bytes.write :f64 1.5) (Bytes.write :f32 inf)]",
            "[#b\"\\xff\\xfe\" #b\"\\x01\\0\\0\\0\" #b\"?\\xf8\\0\\0\\0\\0\\0\\0\" #b\"\\x7f\\x80\\0\\0\"]",
        ),
        ("(Bytes.write :u8 -1)", ":value-error -1 does not fit into :u8"),
        ("(Bytes.write :i64 9223372036854775808)", ":value-error 9223372036854775808 does not fit into :i64"),
        ("(Bytes.write :f32 1e300)", ":value-error 1e300 does not fit into :f32"),
        ("[(Bytes.overwrite #b\"abcd\" 1 #b\"XY\") (Bytes.overwrite #b\"ab\" 2 #b\"\")]", "[#b\"aXYd\" #b\"ab\"]"),
        ("(Bytes.overwrite #b\"ab\" 1 #b\"XY\")", ":index-error there are no 2 octets at index 1 of 2 bytes"),
    ]);
}

#[test]
fn templates() {
    check(&[
        ("(%template \"a{}b{1:>3}{{}}\")", "[\"a\" #[null \"\"] \"b\" #[1 \">3\"] \"{}\"]"),
        ("(%template \"\")", "[]"),
        ("(%template \"}\")", ":value-error `String.format`: a `}` that closes nothing is written `}}`"),
        (
            "(%template \"{a}\")",
            ":value-error `String.format`: before the `:` in `{…}` stands nothing or the number of a value",
        ),
        (
            "[(%format 3 \".2\") (%format 2.675 \".2\") (%format -1.5 \"08.2\") (%format 1e300 \".1e\")]",
            "[\"3.00\" \"2.67\" \"-0001.50\" \"1.0e+300\"]",
        ),
        (
            "[(%format 255 \"x\") (%format -255 \"X\") (%format 5 \"b\") (%format 8 \"o\") (%format 5 \"+\")]",
            "[\"ff\" \"-FF\" \"101\" \"10\" \"+5\"]",
        ),
        (
            "[(%format 1234567 \",\") (%format 1234.5 \",.2\") (%format 999 \",\")]",
            "[\"1,234,567\" \"1,234.50\" \"999\"]",
        ),
        (
            "[(%format \"abc\" \".2\") (%format \"é\" \"*^5\") (%format \"a\" \"3\") (%format 7 \"3\") (%format 7 \"<3\")]",
            "[\"ab\" \"**é**\" \"a  \" \"  7\" \"7  \"]",
        ),
        ("[(%format nan \"6.1\") (%format -inf \"\") (%format -0.0 \".1\")]", "[\"   nan\" \"-inf\" \"-0.0\"]"),
        ("(%format \"a\" \"x\")", ":value-error `String.format` cannot show \"a\" by \"x\": that is for numbers"),
        (
            "(%format 1.5 \"x\")",
            ":value-error `String.format` cannot show 1.5 by \"x\": the type is not one for this number",
        ),
        (
            "(%format 1 \"99999999\")",
            ":value-error `String.format` cannot show 1 by \"99999999\": a specification is [[fill]align][+][0][width][,][.precision][type], align one of < > ^, type of d x X o b e f s, width at most 1048576, precision at most 1000",
        ),
        (
            "[(String.trim-start \" a \") (String.trim-end \" a \") (String.graphemes \"éo\")]",
            "[\"a \" \" a\" [\"é\" \"o\"]]",
        ),
    ]);
}
