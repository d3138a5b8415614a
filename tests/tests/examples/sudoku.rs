//! Sudoku: solutions are checked by the rules of the game.

use super::{ENGINES, data, data_path, prints};

/// The digits of an answer, or what it says instead.
fn answer(block: &str) -> (String, String) {
    let mut lines = block.lines();
    let puzzle = lines.next().expect("an answer starts with its puzzle").to_owned();
    let rest: Vec<&str> = lines.collect();
    if rest.len() == 1 {
        return (puzzle, rest[0].to_owned());
    }
    (puzzle, rest.join("\n").chars().filter(char::is_ascii_digit).collect())
}

/// Whether digits are a solution of a puzzle.
fn check(puzzle: &str, solution: &str) -> Result<(), String> {
    let digits: Vec<u32> = solution.chars().filter_map(|char| char.to_digit(10)).collect();
    if digits.len() != 81 {
        return Err(format!("{} digits", digits.len()));
    }
    for (cell, given) in puzzle.chars().enumerate() {
        if let Some(given) = given.to_digit(10)
            && given != 0
            && given != digits[cell]
        {
            return Err(format!("cell {cell} is {}, but {given} is given", digits[cell]));
        }
    }
    for unit in 0..9 {
        let row = (0..9).map(|i| 9 * unit + i);
        let column = (0..9).map(|i| 9 * i + unit);
        let square = (0..9).map(|i| 27 * (unit / 3) + 3 * (unit % 3) + 9 * (i / 3) + i % 3);
        for (name, cells) in [("row", row.collect::<Vec<_>>()), ("column", column.collect()), ("box", square.collect())]
        {
            let mut found: Vec<u32> = cells.into_iter().map(|cell| digits[cell]).collect();
            found.sort_unstable();
            if found != (1..=9).collect::<Vec<_>>() {
                return Err(format!("{name} {unit} holds {found:?}"));
            }
        }
    }
    Ok(())
}

#[test]
fn puzzles_are_solved_in_each_engine() {
    let file = data_path("sudoku.txt");
    let puzzles: Vec<String> = iridium_tests::read(data("sudoku.txt"))
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    assert_eq!(puzzles.len(), 8);
    for options in ENGINES {
        let printed = prints(options, "sudoku.eva", &[&file], b"");
        let answers: Vec<(String, String)> = printed.trim_end().split("\n\n").map(answer).collect();
        assert_eq!(answers.iter().map(|(puzzle, _)| puzzle).collect::<Vec<_>>(), puzzles.iter().collect::<Vec<_>>());
        for (puzzle, solution) in &answers {
            check(puzzle, solution).unwrap_or_else(|why| panic!("{options:?}: {puzzle}: {why}"));
        }
    }
}

#[test]
fn what_is_no_proper_puzzle_is_said_to_be_none() {
    let twice = format!("11{}", ".".repeat(79));
    // No digit contradicts another, but none is left for one of the cells.
    let subtle = "..9.287..8.6..4..5..3.....46.........2.71345.........23.....5..9..4..8.7..125.3..";
    let empty = ".".repeat(81);
    let input = format!("{twice}\n{subtle}\n{empty}\n123\n{}x\n", &empty[1..]);
    let printed = prints(&[], "sudoku.eva", &[], input.as_bytes());
    let blocks: Vec<&str> = printed.trim_end().split("\n\n").collect();
    assert_eq!(blocks.len(), 5, "{printed}");
    assert_eq!(answer(blocks[0]), (twice, "no solution".to_owned()));
    assert_eq!(answer(blocks[1]), (subtle.to_owned(), "no solution".to_owned()));
    let (puzzle, solution) = answer(blocks[2]);
    assert!(blocks[2].contains("\nmore than one solution, among them\n"), "{}", blocks[2]);
    check(&puzzle, &solution).expect("a solution of the empty puzzle");
    for block in &blocks[3..] {
        assert_eq!(answer(block).1, "not a puzzle: it must be 81 digits or dots");
    }
}

#[test]
fn the_checker_sees_what_is_wrong() {
    let solution = "162857493534129678789643521475312986913586742628794135356478219241935867897261354";
    let with = |cell: usize, digit: &str| format!("{}{digit}{}", &solution[..cell], &solution[cell + 1..]);
    assert_eq!(check(solution, solution), Ok(()));
    assert!(check(&with(0, "2"), solution).is_err());
    assert!(check(&".".repeat(81), &with(40, "1")).is_err());
    assert!(check(solution, &solution[1..]).is_err());
}
