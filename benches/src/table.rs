//! Writing a table in Markdown, its columns aligned, so that it reads well as text too.

/// Lines of a table: a heading, then rows. The first column is aligned left, the others right.
pub fn markdown(heading: &[String], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).chain(heading.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(3)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let line = |cells: &[String]| {
        let mut text = String::from("|");
        for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let padded = if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
            text.push_str(&format!(" {padded} |"));
        }
        text.push('\n');
        text
    };
    let mut text = line(heading);
    let rule = |(column, width): (usize, &usize)| {
        if column == 0 { format!(":{}", "-".repeat(width - 1)) } else { format!("{}:", "-".repeat(width - 1)) }
    };
    text.push_str(&line(&widths.iter().enumerate().map(rule).collect::<Vec<_>>()));
    for row in rows {
        text.push_str(&line(row));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::markdown;

    #[test]
    fn columns_are_aligned() {
        let cells = |row: &[&str]| row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let text = markdown(&cells(&["program", "s"]), &[cells(&["fib", "1.25"]), cells(&["é", "10"])]);
        assert_eq!(text, "| program |    s |\n| :------ | ---: |\n| fib     | 1.25 |\n| é       |   10 |\n");
    }
}
