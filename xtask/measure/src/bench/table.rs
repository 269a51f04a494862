//! Tables of figures: on a terminal, and in the report.

use comfy_table::CellAlignment;
use comfy_table::presets::NOTHING;

use crate::statistics::Median;
use crate::units::figure;
use xtask::terminal::trimmed;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub title: String,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
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

pub fn figure_or_none(value: Option<f64>) -> String {
    value.map_or(NONE.to_owned(), figure)
}

pub fn value(median: Option<Median>) -> String {
    figure_or_none(median.map(|median| median.value))
}

pub fn interval(median: Option<Median>) -> String {
    median.map_or(NONE.to_owned(), |Median { low, high, .. }| {
        format!("{} to {}", figure(low), figure(high))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
