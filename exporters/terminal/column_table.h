#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "text/terminal.h"

namespace halfclosed::exporters {

/// Rows of cells under titles, each column as wide as its widest cell.
class ColumnTable {
 public:
    struct Column {
        std::string title;
        bool number = false;  ///< at the right of its column
    };

    /// Between two columns.
    static constexpr std::size_t kGap = 2;

    explicit ColumnTable(std::vector<Column> columns);

    /// As many cells as there are columns.
    void add(std::vector<std::string> cells, text::Paint paint = text::Paint::plain);

    std::size_t rows() const { return rows_.size(); }

    /// Without the columns of these titles.
    ColumnTable without(const std::vector<std::string>& titles) const;

    /// With the column of this title narrower by so much, but `least` wide: what does not fit its cells is cut.
    ColumnTable narrowed(const std::string& title, std::size_t by, std::size_t least) const;

    /// Columns that the widest line may take.
    std::size_t width() const;

    /// Lines without a newline. Where one would be wider than the style's, its end is cut.
    std::string title_line(const text::TerminalStyle& style) const;
    std::string line(std::size_t row, const text::TerminalStyle& style) const;

    /// The titles and all rows, each with a newline.
    std::string text(const text::TerminalStyle& style) const;

 private:
    struct Row {
        std::vector<std::string> cells;
        text::Paint paint = text::Paint::plain;
    };

    std::string line(const std::vector<std::string>& cells, text::Paint paint,
                     const text::TerminalStyle& style) const;

    std::vector<Column> columns_;
    std::vector<Row> rows_;
    std::vector<std::size_t> widths_;
};

}  // namespace halfclosed::exporters
