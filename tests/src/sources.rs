//! Long sources, made up: what a large program looks like, and what no program looks like.

use std::fmt::Write;

/// What is written again and again, with other numbers: functions, classes, patterns, literals, loops and handlers.
fn unit(out: &mut String, n: usize) {
    let _ = write!(
        out,
        r#"
// Orders of customer {n}, and what becomes of them.
(class Order{n} null
  (const LIMIT {n}000)
  (def constructor (self id items (discount 0.05))
    (set self.id id) (set self.items items) (set self.discount discount) (set self.state :open))
  (def total (self)
    (begin
      (var sum 0)
      (each (item self.items) (+= sum (* (get item :price) (get item :count 1))))
      (* sum (- 1 self.discount))))
  (def handle (self event)
    (match event
      (#[:add (as {{:name name :price (is :number price)}} item)] (begin (push self.items item) [name price]))
      (#[:remove name] (set self.items (filter (lambda (item) (!= (get item :name) name)) self.items)))
      (#[:pay amount method] (if (>= amount (self.total)) (set self.state :paid) (throw (error :value-error "too little"))))
      ((or :cancel :expire) (set self.state :closed))
      (other (throw (error :value-error (str "order {n}: " other)))))))

(const table-{n} {{:id {n} :name "customer {n}" :tags [:new "late" {n}.5 #[1 2 {n}]] "rate" 0x{n:x}}})

(def import-{n} (lines ...others)
  (begin
    (var (result errors) #[[] 0])
    (for (var i 0) (< i (len lines)) (++ i)
      (try
        (var [name price ...rest] (String.split (get lines i) ";"))
        (cond
          ((== name "") (continue))
          ((> (len rest) {n}) (break))
          (else (push result {{:name name :price (parse-number price) :line i}})))
        (catch (is Error e) (begin (++ errors) (when (> errors 10) (return null))))
        (finally (set (get table-{n} :read) i))))
    (var order (new Order{n} {n} result))
    (order.handle #[:add {{:name "gift" :price {n}}}])
    [(order.total) errors (map (lambda (x) (+ x (order.total) {n})) (range 3))]))
"#
    );
}

/// A large program of at least so many octets.
pub fn realistic(octets: usize) -> String {
    let mut out = String::with_capacity(octets + 4000);
    let mut number = 0;
    while out.len() < octets {
        unit(&mut out, number);
        number += 1;
    }
    out.replace("(var (result errors)", "(var #[result errors]")
}

/// So many octets of something that is repeated, with its number, between a beginning and an end.
pub fn repeated(octets: usize, start: &str, each: impl Fn(usize) -> String, end: &str) -> String {
    let mut out = String::from(start);
    let mut number = 0;
    while out.len() < octets {
        out.push_str(&each(number));
        out.push(' ');
        number += 1;
    }
    out + end
}

/// Sources of one kind only, by name.
pub fn degenerate(octets: usize) -> Vec<(&'static str, String)> {
    let nested = |open: &str, close: &str| {
        let one = open.repeat(900) + "1" + &close.repeat(900);
        repeated(octets, "", |_| one.clone(), "")
    };
    vec![
        ("one function", repeated(octets, "(def f (a) ", |n| format!("(var v{n} (+ a {n}))"), ")")),
        ("one list", repeated(octets, "[", |n| format!("(len \"t{n}\")"), "]")),
        ("nested lists", nested("[1 ", "]")),
        ("nested calls", nested("(+ 1 ", ")")),
        ("one match", repeated(octets, "(def f (v) (match v ", |n| format!("(#[:k{n} [x {n}] {{:a y}}] [x y])"), "))")),
        (
            "one match of shapes",
            repeated(octets, "(def f (v) (match v ", |n| format!("([_ {n} ...r] r) (#[a (when b (> b {n}))] a)"), "))"),
        ),
        ("one pattern", repeated(octets, "(def f (v) (match v ([", |n| format!("x{n} {n}"), "] 1) ([1 2] 2) (_ 3)))")),
        ("one map", repeated(octets, "{", |n| format!("\"k{n}\" [{n}]"), "}")),
        ("one string", repeated(octets, "\"", |_| "äbc\\n".into(), "\"")),
        ("comments", repeated(octets, "", |n| format!("// comment {n}\n/* another */"), "")),
        ("names", repeated(octets, "", |n| format!("(var name{n} {n})"), "")),
        ("classes", repeated(octets, "", |n| format!("(class C{n} null (def m (self) (super.m)))"), "")),
        ("handlers", repeated(octets, "(def f (q) ", |n| format!("(try (q {n}) (catch {n} 1) (finally (q)))"), ")")),
        ("closures", repeated(octets, "(def f (q) ", |n| format!("(var c{n} (lambda (x) (+ x q {n})))"), ")")),
        ("unknown names", repeated(octets, "", |n| format!("(print nope{n})"), "")),
        ("brackets", "(]".repeat(octets / 2)),
    ]
}
