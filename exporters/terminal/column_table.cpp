#include "exporters/terminal/column_table.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "text/utf8.h"

namespace halfclosed::exporters {

ColumnTable::ColumnTable(std::vector<Column> columns) : columns_(std::move(columns)) {
    for (const Column& column : columns_) {
        widths_.push_back(text::columns(column.title));
    }
}

void ColumnTable::add(std::vector<std::string> cells, text::Paint paint) {
    assert(cells.size() == columns_.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        widths_[i] = std::max(widths_[i], text::columns(cells[i]));
    }
    rows_.push_back({std::move(cells), paint});
}

ColumnTable ColumnTable::without(const std::vector<std::string>& titles) const {
    std::vector<std::size_t> kept;
    std::vector<Column> columns;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (std::find(titles.begin(), titles.end(), columns_[i].title) == titles.end()) {
            kept.push_back(i);
            columns.push_back(columns_[i]);
        }
    }
    ColumnTable result(std::move(columns));
    for (const Row& row : rows_) {
        std::vector<std::string> cells;
        cells.reserve(kept.size());
        for (const std::size_t i : kept) {
            cells.push_back(row.cells[i]);
        }
        result.add(std::move(cells), row.paint);
    }
    return result;
}

ColumnTable ColumnTable::narrowed(const std::string& title, std::size_t by,
                                  std::size_t least) const {
    ColumnTable result(columns_);
    for (const Row& row : rows_) {
        std::vector<std::string> cells = row.cells;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (columns_[i].title == title) {
                cells[i] =
                    text::cut(cells[i], std::max(least, widths_[i] - std::min(by, widths_[i])));
            }
        }
        result.add(std::move(cells), row.paint);
    }
    return result;
}

std::size_t ColumnTable::width() const {
    return std::accumulate(widths_.begin(), widths_.end(),
                           columns_.empty() ? 0 : kGap * (columns_.size() - 1));
}

std::string ColumnTable::line(const std::vector<std::string>& cells, text::Paint paint,
                              const text::TerminalStyle& style) const {
    std::string plain;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        plain += std::string(i == 0 ? 0 : kGap, ' ');
        plain += columns_[i].number ? text::padded_left(cells[i], widths_[i])
                                    : text::padded(cells[i], widths_[i]);
    }
    plain.erase(plain.find_last_not_of(' ') + 1);
    return text::painted(text::cut(plain, style.width), paint, style);
}

std::string ColumnTable::title_line(const text::TerminalStyle& style) const {
    std::vector<std::string> titles;
    for (const Column& column : columns_) {
        titles.push_back(column.title);
    }
    return line(titles, text::Paint::bold, style);
}

std::string ColumnTable::line(std::size_t row, const text::TerminalStyle& style) const {
    return line(rows_[row].cells, rows_[row].paint, style);
}

std::string ColumnTable::text(const text::TerminalStyle& style) const {
    std::string result = title_line(style) + "\n";
    for (const Row& row : rows_) {
        result += line(row.cells, row.paint, style) + "\n";
    }
    return result;
}

}  // namespace halfclosed::exporters
