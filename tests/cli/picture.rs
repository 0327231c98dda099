//! Draws what a terminal shows as an SVG.

/// The width of a character, with the height of a line and the space around the text.
const CHARACTER: usize = 8;
const LINE: usize = 18;
const MARGIN: usize = 20;

/// Colours that are readable on a dark ground.
const STYLE: &str = "rect{fill:#161b22}text{fill:#d0d7de;font:13.3px ui-monospace,SFMono-Regular,Menlo,\
Consolas,'Liberation Mono',monospace;white-space:pre}.b{font-weight:bold}.r{fill:#ff7b72}.g{fill:#7ee787}\
.y{fill:#e3b341}.c{fill:#79c0ff}";

/// The picture of a text with ANSI colours, so many columns wide.
pub(crate) fn svg(text: &str, columns: usize) -> String {
    let count = text.lines().count();
    // A reference may be longer than a line.
    let plain = anstream::adapter::strip_str(text).to_string();
    let longest = plain.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let (width, height) =
        (columns.max(longest) * CHARACTER + 2 * MARGIN, count * LINE + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>tags on a terminal</title>\n<style>{STYLE}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n"
    );
    for (number, line) in text.lines().enumerate() {
        let y = MARGIN + number * LINE + 13;
        let line = spans(line);
        if !line.is_empty() {
            svg +=
                &format!("<text x=\"{MARGIN}\" y=\"{y}\" xml:space=\"preserve\">{line}</text>\n");
        }
    }
    svg + "</svg>\n"
}

/// A line with a span for each style.
fn spans(line: &str) -> String {
    let mut classes: Vec<&str> = Vec::new();
    let mut spans = String::new();
    for (number, part) in line.split("\u{1b}[").enumerate() {
        let (codes, text) = match part.split_once('m') {
            Some((codes, text)) if number > 0 => (codes, text),
            _ => ("", part),
        };
        for code in codes.split(';') {
            match code {
                "1" => classes.push("b"),
                "31" => classes.push("r"),
                "32" => classes.push("g"),
                "33" => classes.push("y"),
                "36" => classes.push("c"),
                "0" => classes.clear(),
                _ => {}
            }
        }
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        match (text.is_empty(), classes.is_empty()) {
            (true, _) => {}
            (_, true) => spans += &text,
            _ => spans += &format!("<tspan class=\"{}\">{text}</tspan>", classes.join(" ")),
        }
    }
    spans
}

/// The picture's text without what differs from run to run, and its marks.
pub(crate) fn settled(svg: &str, settle: impl Fn(&str) -> String) -> (String, Vec<String>) {
    let pieces: Vec<(&str, &str)> =
        svg.split('<').filter_map(|piece| piece.split_once('>')).collect();
    let text: String = pieces.iter().map(|(_, text)| *text).collect();
    (settle(&text), pieces.iter().map(|(mark, _)| (*mark).to_owned()).collect())
}
