//! Making up cases: the same computation as Eva and as a call of `reference.py`'s functions.

use iridium_tests::random::Random;

/// One computation.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// As an expression of Eva.
    pub(crate) eva: String,
    /// As an expression of Python over the functions of `reference.py`.
    pub(crate) python: String,
}

/// A random case. The weights put the most where the most can go wrong: int arithmetic, whose sizes change underneath.
pub(crate) fn random(random: &mut Random) -> Case {
    match random.below(100) {
        0..=34 => int_arithmetic(random),
        35..=54 => float_arithmetic(random),
        55..=69 => comparison(random),
        70..=79 => formatting(random),
        80..=84 => conversion(random),
        85..=93 => reading(random),
        _ => sorting(random),
    }
}

/// A number as Eva and Python write it.
#[derive(Clone, Debug)]
struct Number {
    eva: String,
    python: String,
}

impl Number {
    /// A literal that both languages read alike.
    fn same(text: String) -> Number {
        Number { eva: text.clone(), python: text }
    }
}

/// Ints of all sizes, often close to where a representation ends.
fn int(random: &mut Random) -> Number {
    let small = random.between(-3, 3);
    let text = match random.below(10) {
        0..=3 => random.between(-100, 100).to_string(),
        4 => edge(random, 31, small),
        5 => {
            let bits = *random.of(&[32, 53, 62, 63, 64]);
            edge(random, bits, small)
        }
        6 | 7 => random.between(i64::MIN, i64::MAX).to_string(),
        8 => random.between(-1_000_000_000, 1_000_000_000).to_string(),
        _ => big(random),
    };
    Number::same(text)
}

/// A power of two, or its negative, and a little.
fn edge(random: &mut Random, bits: u32, little: i64) -> String {
    let power = 1_i128 << bits;
    let power = if random.once_in(2) { -power } else { power };
    (power + i128::from(little)).to_string()
}

/// An int of up to 90 digits.
fn big(random: &mut Random) -> String {
    let sign = if random.once_in(2) { "-" } else { "" };
    let first = random.between(1, 9).to_string();
    let rest: String = (0..random.between(18, 89)).map(|_| random.below(10).to_string()).collect();
    format!("{sign}{first}{rest}")
}

/// Floats of all kinds; `nan` too if `with_nan`.
fn float(random: &mut Random, with_nan: bool) -> Number {
    let value = match random.below(12) {
        0..=2 => random.between(-1000, 1000) as f64 / 8.0,
        3 | 4 => random.between(-1_000_000, 1_000_000) as f64 / 1000.0,
        5 => *random.of(&[0.0, -0.0, 1.0, -1.0, 0.5, 1e16, 1e-4, 9999999999999998.0, 0.00009999999999999999]),
        6 => *random.of(&[f64::MAX, f64::MIN_POSITIVE, 5e-324, 9007199254740992.0, 9007199254740993.0, 1e22, 1e23]),
        7 => *random.of(&[f64::INFINITY, f64::NEG_INFINITY]),
        8 if with_nan => f64::NAN,
        // Any bits at all, but for those of a nan.
        _ => loop {
            let value = f64::from_bits(random.bits());
            if !value.is_nan() {
                break value;
            }
        },
    };
    let eva = if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "inf".to_owned() } else { "-inf".to_owned() }
    } else {
        format!("{value:?}")
    };
    let python = if value.is_finite() { eva.clone() } else { format!("float('{eva}')") };
    Number { eva, python }
}

fn number(random: &mut Random, with_nan: bool) -> Number {
    if random.once_in(2) { int(random) } else { float(random, with_nan) }
}

/// The operator's form in Eva, a call of the reference's function for it in Python.
fn operation(eva: &str, python: &str, operands: &[Number]) -> Case {
    let join = |text: fn(&Number) -> &str, by: &str| operands.iter().map(text).collect::<Vec<_>>().join(by);
    Case {
        eva: format!("({eva} {})", join(|number| &number.eva, " ")),
        python: format!("{python}({})", join(|number| &number.python, ", ")),
    }
}

fn int_arithmetic(random: &mut Random) -> Case {
    let mut operands = vec![int(random), int(random)];
    match random.below(13) {
        0 | 1 => {
            (0..random.below(3)).for_each(|_| operands.push(int(random)));
            operation("+", "add", &operands)
        }
        2 => {
            (0..random.below(3)).for_each(|_| operands.push(int(random)));
            operation("*", "mul", &operands)
        }
        3 => {
            operands.truncate(random.between(1, 2) as usize);
            operation("-", "sub", &operands)
        }
        4 => operation("/", "div", &operands),
        5 => operation("div", "floordiv", &operands),
        6 => operation("%", "mod", &operands),
        7 => {
            operands[1] = Number::same(random.between(-3, 40).to_string());
            operation("**", "power", &operands)
        }
        8 => operation("&", "bitand", &operands),
        9 => operation("|", "bitor", &operands),
        10 => operation("^", "bitxor", &operands),
        11 => operation("~", "bitnot", &operands[..1]),
        _ => {
            // Seldom to the size at which an int is too large, often not.
            let places = if random.once_in(20) { random.between(262_140, 262_150) } else { random.between(-2, 130) };
            operands[1] = Number::same(places.to_string());
            if random.once_in(2) { operation("<<", "shl", &operands) } else { operation(">>", "shr", &operands) }
        }
    }
}

fn float_arithmetic(random: &mut Random) -> Case {
    let mut operands = vec![float(random, true), number(random, true)];
    if random.once_in(2) {
        operands.swap(0, 1);
    }
    let (eva, python) = *random.of(&[
        ("+", "add"),
        ("-", "sub"),
        ("*", "mul"),
        ("/", "div"),
        ("div", "floordiv"),
        ("%", "mod"),
        ("**", "power"),
    ]);
    operation(eva, python, &operands)
}

fn comparison(random: &mut Random) -> Case {
    let mut operands = vec![number(random, true), number(random, true)];
    if random.once_in(4) {
        // Two that are close, or the same: an int, and a float from it.
        let near = 2_i64.pow(random.between(50, 62) as u32) + random.between(-2, 2);
        let value = near as f64;
        operands = vec![Number::same(near.to_string()), Number::same(format!("{value:?}"))];
        if random.once_in(2) {
            operands.swap(0, 1);
        }
    }
    let (eva, python) =
        *random.of(&[("==", "eq"), ("!=", "ne"), ("<", "lt"), ("<=", "le"), (">", "gt"), (">=", "ge"), ("=", "eq")]);
    operation(eva, python, &operands)
}

fn formatting(random: &mut Random) -> Case {
    let number = number(random, true);
    Case { eva: number.eva, python: number.python }
}

fn conversion(random: &mut Random) -> Case {
    // Halves and their neighbours are where rounding goes wrong.
    let half = random.between(-50, 50) as f64 + 0.5;
    let value = match random.below(4) {
        0 => half,
        1 => half.next_up(),
        2 => half.next_down(),
        _ => random.between(i64::MIN, i64::MAX) as f64 / 1000.0,
    };
    let operand = if random.once_in(8) { int(random) } else { Number::same(format!("{value:?}")) };
    let (eva, python) =
        *random.of(&[("int", "int"), ("round", "round"), ("floor", "floor"), ("ceil", "ceil"), ("abs", "abs")]);
    operation(eva, python, &[operand])
}

/// Decimal text with a fraction or an exponent, which must give the nearest float; or any int.
fn reading(random: &mut Random) -> Case {
    let digits = |random: &mut Random, most: u64| -> String {
        (0..=random.below(most)).map(|_| random.below(10).to_string()).collect()
    };
    let sign = *random.of(&["", "-", "+"]);
    let text = match random.below(4) {
        0 => int(random).eva,
        1 => format!("{sign}{}.{}", digits(random, 25), digits(random, 30)),
        2 => format!("{sign}{}.{}e{}", digits(random, 4), digits(random, 25), random.between(-345, 320)),
        _ => format!("{sign}{}E{}", digits(random, 20), random.between(-40, 40)),
    };
    let python = format!("read({text:?})");
    let eva = if random.once_in(2) { text } else { format!("(parse-number {text:?})") };
    Case { eva, python }
}

fn sorting(random: &mut Random) -> Case {
    let count = random.below(12);
    let mut numbers: Vec<Number> = (0..count).map(|_| number(random, false)).collect();
    if count > 3 {
        // Equal numbers of different types show whether the sort is stable.
        let value = random.between(-5, 5);
        numbers.push(Number::same(value.to_string()));
        numbers.push(Number::same(format!("{:?}", value as f64)));
        numbers.push(Number::same(value.to_string()));
    }
    let join = |text: fn(&Number) -> &str, by: &str| numbers.iter().map(text).collect::<Vec<_>>().join(by);
    let (eva, python) = (join(|number| &number.eva, " "), join(|number| &number.python, ", "));
    if random.once_in(3) {
        Case { eva: format!("(sort [{eva}] >)"), python: format!("backwards([{python}])") }
    } else {
        Case { eva: format!("(sort [{eva}])"), python: format!("sorted([{python}])") }
    }
}
