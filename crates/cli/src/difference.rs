//! Where two texts begin to differ, for people.

/// Lines of each text that are shown.
const MAX_SHOWN: usize = 4;

/// Lines after the first difference in which the end of it is searched.
const MAX_SEARCHED: usize = 40;

/// The first difference of two texts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The line on which it begins, from 1.
    pub(crate) line: usize,
    /// The lines that go, with `-`, and those that come, with `+`.
    pub(crate) text: String,
}

/// The first difference of two texts, if there is one.
pub(crate) fn first(before: &str, after: &str) -> Option<Difference> {
    if before == after {
        return None;
    }
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let same = old.iter().zip(&new).take_while(|(left, right)| left == right).count();
    let (old, new) = (&old[same..], &new[same..]);
    // The nearest place from which on two lines are the same again.
    let meets = |gone: usize, come: usize| {
        let ahead = |lines: &[&str], from: usize| -> Vec<String> {
            (from..from + 2).map(|at| lines.get(at).copied().unwrap_or_default().to_owned()).collect()
        };
        gone <= old.len() && come <= new.len() && ahead(old, gone) == ahead(new, come)
    };
    let ways = (1..=2 * MAX_SEARCHED).flat_map(|sum| (0..=sum).map(move |gone| (gone, sum - gone)));
    let (gone, come) = ways.into_iter().find(|(gone, come)| meets(*gone, *come)).unwrap_or((old.len(), new.len()));
    let mut text = String::new();
    for (mark, lines) in [("-", &old[..gone]), ("+", &new[..come])] {
        for line in lines.iter().take(MAX_SHOWN) {
            let end = if line.ends_with('\n') { "" } else { " (without a line end)" };
            // What only differs in blanks at its end would look the same.
            let shown = line.trim_end_matches('\n').replace('\t', "→").replace('\r', "␍");
            let code = shown.trim_end_matches(' ');
            text.push_str(&format!("{mark} {code}{}{end}\n", "·".repeat(shown.len() - code.len())));
        }
        if lines.len() > MAX_SHOWN {
            text.push_str(&format!("{mark} … {} more lines\n", lines.len() - MAX_SHOWN));
        }
    }
    Some(Difference { line: same + 1, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(before: &str, after: &str) -> Option<(usize, String)> {
        first(before, after).map(|difference| (difference.line, difference.text))
    }

    #[test]
    fn the_first_difference_ends_where_the_texts_meet_again() {
        assert_eq!(text("a\nb\n", "a\nb\n"), None);
        assert_eq!(text("a\nb\nc\nd\ne\n", "a\nB\nc\nd\nE\n"), Some((2, "- b\n+ B\n".to_owned())));
        assert_eq!(text("a\nb\nc\nd\n", "a\nc\nd\n"), Some((2, "- b\n".to_owned())));
        assert_eq!(text("a\nc\nd\n", "a\nb\nc\nd\n"), Some((2, "+ b\n".to_owned())));
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(text("a", "a\n"), Some((1, "- a (without a line end)\n+ a\n".to_owned())));
        assert_eq!(text("a  \r\n", "a\n"), Some((1, "- a  ␍\n+ a\n".to_owned())));
        assert_eq!(text("a  \n", "a\n"), Some((1, "- a··\n+ a\n".to_owned())));
        assert_eq!(text("\ta\n", "a\n"), Some((1, "- →a\n+ a\n".to_owned())));
    }

    #[test]
    fn a_long_difference_is_cut() {
        let shown = text(&"x\n".repeat(500), &"y\n".repeat(300));
        let expected = format!("{}- … 496 more lines\n{}+ … 296 more lines\n", "- x\n".repeat(4), "+ y\n".repeat(4));
        assert_eq!(shown, Some((1, expected)));
    }
}
