#include "exporters/terminal/socket_table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "exporters/snapshot/explanation.h"
#include "exporters/snapshot/leaks.h"
#include "exporters/snapshot/namespace_text.h"
#include "exporters/snapshot/other_end.h"
#include "exporters/terminal/column_table.h"
#include "text/hex.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

struct Row {
    std::string age;
    std::string state;
    std::string local;
    std::string remote;
    std::string custody;
    std::string queues;
    std::string why;
    text::Paint paint = text::Paint::plain;
};

const Row kHeader{"AGE",     "STATE",     "LOCAL", "REMOTE",
                  "HELD BY", "RECV/SEND", "WHY",   text::Paint::bold};

/// The columns that can be widened, in the order of a line.
constexpr std::array kColumns{&Row::age,    &Row::state,   &Row::local,
                              &Row::remote, &Row::custody, &Row::queues};
constexpr std::string_view kGap = "  ";
constexpr std::size_t kDetailIndent = 4;

/// Where the parts of a row go, by what fits.
enum class Layout {
    line,     ///< all in one line
    below,    ///< why below
    stacked,  ///< the addresses and why below
};

text::Paint paint_of(const tracking::TrackedSocket& socket, const Snapshot& snapshot) {
    if (is_leaked(socket, snapshot)) {
        return text::Paint::red;
    }
    return socket.record.state == TcpState::close_wait ? text::Paint::yellow : text::Paint::plain;
}

Row row_of(const tracking::TrackedSocket& socket, const Snapshot& snapshot, const OtherEnds& ends) {
    const SocketRecord& record = socket.record;
    std::string reason = why(socket, snapshot.instant);
    if (const std::string held = held_by(snapshot.owner(record)); !held.empty()) {
        reason.append("; ").append(held);
    }
    for (const std::string& more :
         {in_namespace(record, snapshot), other_end_text(socket, ends, snapshot)}) {
        reason.append(more.empty() ? "" : "; ").append(more);
    }
    return {age_text(socket.age(snapshot.instant)),
            name(record.state),
            bound_address(identity(record), snapshot.interfaces_of(record)),
            remote_address(identity(record), snapshot.interfaces_of(record)),
            name(socket.custody),
            std::to_string(record.recv_queue) + "/" + std::to_string(record.send_queue),
            std::move(reason),
            paint_of(socket, snapshot)};
}

Row row_of(const tracking::DeadSocket& dead, const Snapshot& snapshot, const OtherEnds& ends) {
    Row row = row_of(dead.socket, snapshot, ends);
    row.age = age_text(dead.age(snapshot.instant));
    row.state = "dead";
    row.queues = "-";
    row.why = why(dead, snapshot.instant);
    if (const std::string held = held_by(snapshot.owner(dead.socket.record)); !held.empty()) {
        row.why.append("; ").append(held);
    }
    row.paint = text::Paint::red;
    return row;
}

class Table {
 public:
    Table(std::vector<Row> rows, const text::TerminalStyle& style)
        : rows_(std::move(rows)), style_(style) {
        for (std::size_t i = 0; i < kColumns.size(); ++i) {
            widths_[i] = text::columns(kHeader.*kColumns[i]);
            for (const Row& row : rows_) {
                widths_[i] = std::max(widths_[i], text::columns(row.*kColumns[i]));
            }
        }
        std::size_t widest_why = text::columns(kHeader.why);
        for (const Row& row : rows_) {
            widest_why = std::max(widest_why, text::columns(row.why));
        }
        std::size_t width = kGap.size() * (kColumns.size() - 1);
        for (const std::size_t column : widths_) {
            width += column;
        }
        if (width + kGap.size() + widest_why <= style_.width) {
            layout_ = Layout::line;
        } else {
            layout_ = width <= style_.width ? Layout::below : Layout::stacked;
        }
    }

    std::string text() const {
        std::string result = line(kHeader) + "\n";
        for (const Row& row : rows_) {
            result += line(row) + "\n" + below(row);
        }
        return result;
    }

 private:
    /// The line of a row without spaces at its end.
    std::string line(const Row& row) const {
        std::string plain;
        for (std::size_t i = 0; i < kColumns.size(); ++i) {
            const auto column = kColumns[i];
            const bool address = column == &Row::local || column == &Row::remote;
            if (address && layout_ == Layout::stacked) {
                continue;
            }
            const std::string& text = row.*column;
            if (!plain.empty()) {
                plain += kGap;
            }
            plain += column == &Row::age ? text::padded_left(text, widths_[i])
                                         : text::padded(text, widths_[i]);
        }
        if (layout_ == Layout::line) {
            plain.append(kGap).append(row.why);
        }
        plain.erase(plain.find_last_not_of(' ') + 1);
        return text::painted(plain, row.paint, style_);
    }

    std::string below(const Row& row) const {
        std::string result;
        if (layout_ == Layout::stacked) {
            result += text::wrapped(row.local + " → " + row.remote, kDetailIndent, style_.width);
        }
        if (layout_ != Layout::line) {
            result += text::wrapped(row.why, kDetailIndent, style_.width);
        }
        return result;
    }

    std::vector<Row> rows_;
    text::TerminalStyle style_;
    std::array<std::size_t, kColumns.size()> widths_{};
    Layout layout_ = Layout::line;
};

}  // namespace

std::string socket_table(const Snapshot& snapshot, const std::vector<ListedSocket>& sockets,
                         const text::TerminalStyle& style) {
    const OtherEnds ends(snapshot);
    std::vector<Row> rows;
    rows.reserve(sockets.size());
    for (const ListedSocket& listed : sockets) {
        rows.push_back(listed.dead ? row_of(*listed.dead, snapshot, ends)
                                   : row_of(*listed.socket, snapshot, ends));
    }
    return rows.empty() ? "" : Table(std::move(rows), style).text();
}

}  // namespace halfclosed::exporters
