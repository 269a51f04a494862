//! Tables of figures: on a terminal, and in the report.

use comfy_table::CellAlignment;
use comfy_table::presets::NOTHING;

use crate::statistics::Median;
use xtask::terminal::trimmed;

/// A table with a title.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// The names of the columns.
    pub header: Vec<String>,
    /// The cells, as text.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new(title: impl Into<String>, header: &[&str]) -> Table {
        let header = header.iter().map(|name| (*name).to_owned()).collect();
        Table { title: title.into(), header, rows: Vec::new() }
    }

    /// As a terminal shows it.
    pub fn text(&self) -> String {
        // A row of figures that wraps cannot be read; a narrow terminal may cut it.
        let mut table = comfy_table::Table::new();
        table.load_preset(NOTHING);
        table.set_header(&self.header);
        for row in &self.rows {
            table.add_row(row);
        }
        for (place, column) in table.column_iter_mut().enumerate() {
            if self.holds_figures(place) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        format!("{}\n{}", self.title, trimmed(table))
    }

    /// Whether a column has figures; the first one has names.
    pub fn holds_figures(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().map(|row| row[column].as_str());
        column > 0
            && cells.all(|cell| {
                cell.starts_with(|one: char| "-≤".contains(one) || one.is_ascii_digit())
            })
    }
}

/// What a cell has where there is no figure.
pub const NONE: &str = "-";

/// A figure with three digits that count.
pub fn figure(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.digits$}")
}

/// A figure that may be missing.
pub fn figure_or_none(value: Option<f64>) -> String {
    value.map_or(NONE.to_owned(), figure)
}

/// A median as its value, or nothing.
pub fn value(median: Option<Median>) -> String {
    figure_or_none(median.map(|median| median.value))
}

/// A median's interval.
pub fn interval(median: Option<Median>) -> String {
    median.map_or(NONE.to_owned(), |Median { low, high, .. }| {
        format!("{} to {}", figure(low), figure(high))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_count() {
        assert_eq!([1.236, 12.36, 123.6, 0.004].map(figure), ["1.24", "12.4", "124", "0.00"]);
        assert_eq!([9.996, 99.96].map(figure), ["10.0", "100"]);
        assert_eq!(figure_or_none(None), "-");
    }

    #[test]
    fn figures_end_where_others_begin() {
        let mut table = Table::new("title", &["server", "µs", "verdict"]);
        for row in [["a", "1.5", "more"], ["long", "12.5", "less"]] {
            table.rows.push(row.map(str::to_owned).to_vec());
        }
        assert_eq!(
            table.text(),
            "title\nserver    µs  verdict\na        1.5  more\nlong    12.5  less\n"
        );
    }
}
