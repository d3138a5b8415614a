//! The known name that somebody meant who wrote another one: "did you mean …?"

/// The name that resembles `wanted` most, if one resembles it enough to be what was meant.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted_chars: Vec<char> = wanted.chars().take(64).collect();
    let limit = match wanted_chars.len() {
        0..=4 => 1,
        5..=7 => 2,
        more => more / 3,
    };
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        let Some(distance) = distance(&wanted_chars, name, limit) else { continue };
        // In a tie the alphabet decides: the order of a hash map must not show.
        if name != wanted && best.is_none_or(|(other, known)| (distance, name) < (other, known)) {
            best = Some((distance, name));
        }
    }
    // One letter for one letter is no resemblance.
    best.filter(|(distance, name)| *distance < name.chars().count().max(wanted_chars.len())).map(|(_, name)| name)
}

/// Insertions, deletions, replacements and swaps of neighbours between two names, if no more than `limit`.
fn distance(a: &[char], b: &str, limit: usize) -> Option<usize> {
    let b: Vec<char> = b.chars().take(80).collect();
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let mut cost = (row[j - 1] + usize::from(a[i - 1] != b[j - 1])).min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_names() {
        let names = ["print", "push", "put", "length", "x", "String"];
        let near = |wanted| nearest(wanted, names.iter().copied());
        assert_eq!(near("pritn"), Some("print"));
        assert_eq!(near("lenght"), Some("length"));
        assert_eq!(near("pus"), Some("push"));
        assert_eq!(near("Strin"), Some("String"));
        assert_eq!(near("y"), None);
        assert_eq!(near("unrelated"), None);
    }
}
