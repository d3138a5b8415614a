//! Golden files: expected output that a person has looked at. `cargo xtask bless` rewrites them.

use std::path::Path;

/// Whether golden files are to be rewritten rather than compared with.
pub fn blessing() -> bool {
    std::env::var_os("IRIDIUM_BLESS").is_some()
}

/// Compares text with a golden file, or writes it there when blessing.
///
/// # Errors
/// A message with both texts, line by line, where they differ.
pub fn check(path: &Path, actual: &str) -> Result<(), String> {
    if blessing() {
        return std::fs::write(path, actual).map_err(|error| format!("{}: {error}", path.display()));
    }
    let expected = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if expected == actual {
        return Ok(());
    }
    Err(format!("{} differs (`cargo xtask bless` rewrites it):\n{}", path.display(), difference(&expected, actual)))
}

/// Both texts by lines, with a mark before the lines that only one of them has at that place.
pub fn difference(expected: &str, actual: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let same_start = old.iter().zip(&new).take_while(|(left, right)| left == right).count();
    let rest = old[same_start..].iter().rev().zip(new[same_start..].iter().rev());
    let same_end = rest.take_while(|(left, right)| left == right).count();
    let mut text = String::new();
    let mut push =
        |mark: &str, lines: &[&str]| lines.iter().for_each(|line| text.push_str(&format!("{mark} {line}\n")));
    push(" ", &old[..same_start]);
    push("-", &old[same_start..old.len() - same_end]);
    push("+", &new[same_start..new.len() - same_end]);
    push(" ", &old[old.len() - same_end..]);
    text
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn only_what_differs_is_marked() {
        assert_eq!(difference("a\nb\nc\nd\n", "a\nx\ny\nd\n"), "  a\n- b\n- c\n+ x\n+ y\n  d\n");
        assert_eq!(difference("a\n", "a\nb\n"), "  a\n+ b\n");
        assert_eq!(difference("a\na\n", "a\n"), "  a\n- a\n");
    }
}
