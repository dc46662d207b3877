//! A bar chart as SVG, readable on light and dark pages.

use std::fmt::Write;
use std::path::Path;

/// One bar.
#[derive(Debug)]
pub struct Bar {
    /// What it stands for.
    pub name: String,
    /// In the plot's unit.
    pub value: f64,
    /// Whether it is gv's own.
    pub own: bool,
}

const WIDTH: f64 = 800.0;
const LEFT: f64 = 290.0;
const RIGHT: f64 = 90.0;
const ROW: f64 = 26.0;
const TOP: f64 = 56.0;

/// Writes a chart of horizontal bars. A logarithmic one begins at the power of ten below the smallest value.
pub fn write(file: &Path, title: &str, unit: &str, logarithmic: bool, bars: &[Bar]) {
    let values = || bars.iter().map(|bar| bar.value);
    let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
    let start = if logarithmic { low.log10().floor() } else { 0.0 };
    let scale = |value: f64| if logarithmic { value.log10() } else { value };
    let room = (WIDTH - LEFT - RIGHT) / (scale(high) - start);
    let height = TOP + ROW * f64::from(u32::try_from(bars.len()).unwrap_or(u32::MAX)) + 12.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"24\" font-size=\"15\" font-weight=\"bold\" fill=\"#222\">{title}</text>\n\
         <text x=\"16\" y=\"42\" fill=\"#666\">{unit}{}; shorter is better</text>\n",
        if logarithmic { ", logarithmic" } else { "" }
    );
    let mut y = TOP;
    for bar in bars {
        let length = ((scale(bar.value) - start) * room).max(1.0);
        let fill = if bar.own { "#00808c" } else { "#b0b8c0" };
        let shown = if bar.value < 10.0 { format!("{:.2}", bar.value) } else { format!("{:.0}", bar.value) };
        _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#222\">{}</text>\n\
             <rect x=\"{LEFT}\" y=\"{}\" width=\"{length:.1}\" height=\"{}\" fill=\"{fill}\"/>\n\
             <text x=\"{:.1}\" y=\"{}\" fill=\"#222\">{shown}</text>",
            LEFT - 10.0,
            y + 17.0,
            bar.name,
            y + 4.0,
            ROW - 8.0,
            LEFT + length + 6.0,
            y + 17.0,
        );
        y += ROW;
    }
    svg.push_str("</svg>\n");
    std::fs::write(file, svg).unwrap_or_else(|err| panic!("cannot write {}: {err}", file.display()));
}
