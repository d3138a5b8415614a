//! The page that shows a program's forms side by side.

use super::html::Html;
use super::title;
use iridium_bytecode::disassembly::CodeLine;
use iridium_bytecode::listing::Listing;

const STYLE: &str = "\
:root { color-scheme: light dark; --line: #8884; --dim: #888; --mark: #fd06; --head: #8882; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 88rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .3rem; } h2 small { font-weight: normal; color: var(--dim); }
nav { columns: 16rem; } nav a { display: block; text-decoration: none; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th { text-align: left; font-weight: 600; background: var(--head); position: sticky; top: 0; }
th, td { padding: .05rem .6rem; border-left: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { border-left: 0; width: 34%; }
td { font: 12.5px/1.55 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
tr.line td { border-top: 1px solid var(--line); }
.at, .raw, .why { color: var(--dim); } .raw { display: none; } body.octets .raw { display: inline; }
tr.same { background: var(--mark); } label { color: var(--dim); }";

const SCRIPT: &str = "\
const rows = [...document.querySelectorAll('tr[data-line]')];
const mark = line => rows.forEach(row => row.classList.toggle('same', line !== null && row.dataset.line === line));
rows.forEach(row => { row.onmouseenter = () => mark(row.dataset.line); row.onmouseleave = () => mark(null); });
document.querySelector('input').onchange = event => document.body.classList.toggle('octets', event.target.checked);";

/// The page of modules by source, with their functions.
pub(super) fn page(modules: &[(String, Vec<Listing>)]) -> String {
    let main = modules.last().map_or("", |(source, _)| source.as_str());
    let mut page = Html::new(&format!("{main}: all forms"), STYLE, SCRIPT);
    page.element("h1", "", main);
    page.open("p", "").open("label", "").open("input", "type=checkbox").text(" octets").close("label").close("p");
    page.open("nav", "");
    for (number, (_, functions)) in modules.iter().enumerate() {
        for function in functions {
            page.element("a", format_args!("href=\"#f{number}-{}\"", function.index), title(function));
        }
    }
    page.close("nav");
    for (number, (source, functions)) in modules.iter().enumerate() {
        if modules.len() > 1 {
            page.element("h1", "", source);
        }
        for function in functions {
            page.open("h2", format_args!("id=\"f{number}-{}\"", function.index)).text(title(function)).text(" ");
            page.element("small", "", format_args!("function {}: {}", function.index, function.about)).close("h2");
            table(&mut page, number, function);
        }
    }
    page.finish()
}

fn table(page: &mut Html, module: usize, function: &Listing) {
    page.open("table", "").open("tr", "");
    for head in ["source", "portable code", "register code"] {
        page.element("th", "", head);
    }
    page.close("tr");
    for row in &function.rows {
        let line = row.position.map_or(0, |position| position.line);
        let class = if row.source.is_some() { "class=line " } else { "" };
        page.open("tr", format_args!("{class}data-line=\"{module}:{line}\""));
        page.open("td", "");
        if let Some(text) = &row.source {
            page.element("span", "class=at", format_args!("{line:>4}  ")).text(text);
        }
        page.close("td").open("td", "");
        row.portable.iter().for_each(|line| instruction(page, line));
        page.close("td").open("td", "");
        row.registers.iter().for_each(|line| instruction(page, line));
        page.close("td").close("tr");
    }
    page.close("table");
}

fn instruction(page: &mut Html, line: &CodeLine) {
    let raw = line.raw.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(" ");
    page.open("div", "").element("span", "class=at", format_args!("{:04x}  ", line.at));
    page.element("span", "class=raw", format_args!("{raw}  ")).text(&line.text);
    if !line.comment.is_empty() {
        page.element("span", "class=why", format_args!("  ; {}", line.comment));
    }
    page.close("div");
}
