//! A page that needs nothing but itself: its style and script stand in it.

use std::fmt::{Display, Write};

/// Writes a page.
pub struct Html {
    out: String,
}

impl Html {
    /// A page with a title, CSS, and a script that runs when all is there.
    pub fn new(title: &str, style: &str, script: &str) -> Html {
        let mut out = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        let _ = writeln!(out, "<title>{}</title>\n<style>\n{style}\n</style>\n</head>\n<body>", escape(title));
        let _ = writeln!(out, "<script>addEventListener(\"DOMContentLoaded\", () => {{\n{script}\n}})</script>");
        Html { out }
    }

    /// Begins an element; `attributes` stand in its tag as they are.
    pub fn open(&mut self, name: &str, attributes: impl Display) -> &mut Html {
        let attributes = attributes.to_string();
        let space = if attributes.is_empty() { "" } else { " " };
        let _ = write!(self.out, "<{name}{space}{attributes}>");
        self
    }

    /// Ends an element. A line of the page ends only with one within which white space means nothing.
    pub fn close(&mut self, name: &str) -> &mut Html {
        let end = if matches!(name, "tr" | "table" | "nav" | "h1" | "h2") { "\n" } else { "" };
        let _ = write!(self.out, "</{name}>{end}");
        self
    }

    /// Adds text, whatever characters are in it.
    pub fn text(&mut self, text: impl Display) -> &mut Html {
        self.out.push_str(&escape(&text.to_string()));
        self
    }

    /// An element with a text in it.
    pub fn element(&mut self, name: &str, attributes: impl Display, text: impl Display) -> &mut Html {
        self.open(name, attributes).text(text).close(name)
    }

    /// The whole page.
    pub fn finish(mut self) -> String {
        self.out.push_str("</body>\n</html>\n");
        self.out
    }
}

/// Text as it stands in a page, also within the quotes of an attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
