#include "scenarios/diagram/text_diagram.h"

#include <algorithm>
#include <string_view>

#include "scenarios/diagram/diagram_rows.h"
#include "scenarios/diagram/text_row.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::scenarios {

namespace {

using text::columns;
using text::Paint;
using tracking::Evidence;
using Kind = DiagramEvent::Kind;

constexpr std::size_t kWidth = 80;
TextRow::Lane text_lane_of(const DiagramEvent& it) {
    if (is_on_wire(it)) {
        return TextRow::wire;
    }
    if (it.kind == Kind::counts) {
        return TextRow::counts;
    }
    return it.side == Side::server ? TextRow::server : TextRow::client;
}

/// "──── SYN ────▶", as wide as its lane.
std::string arrow(const std::string& label, bool to_the_right, const TextDiagramStyle& style) {
    const std::string dash = style.utf8 ? "─" : "-";
    const std::string head = style.utf8 ? (to_the_right ? "▶" : "◀") : (to_the_right ? ">" : "<");
    const std::size_t width = TextRow::kWidths[TextRow::wire];
    const std::size_t dashes = width - std::min(width, label.size() + 3);
    std::string shaft[2];
    for (std::size_t count = 0; count < dashes; ++count) {
        shaft[(count + (to_the_right ? 0 : 1)) % 2].append(dash);
    }
    const std::string text = shaft[0] + " " + label + " " + shaft[1];
    return to_the_right ? text + head : head + text;
}

/// A text in the middle of the wire.
std::string centered(const std::string& text) {
    const std::size_t width = TextRow::kWidths[TextRow::wire];
    return std::string((width - std::min(width, columns(text))) / 2, ' ') + text;
}

/// The name at the left of the lane, the time at its right.
std::string with_time(const std::string& state, const std::string& time) {
    const std::size_t width = TextRow::kWidths[TextRow::client];
    if (state.size() + 1 + time.size() > width) {
        return state;
    }
    return state + std::string(width - state.size() - time.size(), ' ') + time;
}

std::string count_text(const CountSample& counts) {
    constexpr std::size_t kTwWidth = 3;
    const std::string tw = std::to_string(counts.tw_counted);
    const std::string gap(kTwWidth - std::min(kTwWidth, tw.size()), ' ');
    return std::to_string(counts.orphan_counted) + gap + tw;
}

/// "write: ECONNRESET" where "write = -1 ECONNRESET" is too wide for a lane with its line.
std::string fitting_call_text(std::string text) {
    constexpr std::string_view kFailed = " = -1 ";
    const std::size_t place = text.find(kFailed);
    if (text.size() + 2 > TextRow::kWidths[TextRow::client] && place != std::string::npos) {
        text.replace(place, kFailed.size(), ": ");
    }
    return text;
}

/// The lines of a trace. Below a state its lane has a line for as long as the end is in it.
class TextDiagram {
 public:
    TextDiagram(const Trace& trace, const TextDiagramStyle& style, std::optional<Instant> now)
        : style_(style), now_(now), beginning_(beginning(trace)) {
        Instant last;
        for (const DiagramRow& row : diagram_rows(trace)) {
            start_row(row.at, row.wait);
            for (const DiagramEvent& it : row.events) {
                if (!row_->is_free(
                        text_lane_of(it))) {  // states and calls of an end have one lane here
                    start_row(it.at, {});
                }
                put(it);
            }
            last = row.at;
        }
        finish_row();
        if (now_ && !lines_.empty()) {
            start_row(std::max(*now_, last), *now_ - last);
            finish_row();
        }
    }

    std::vector<std::string> take() { return std::move(lines_); }

 private:
    void start_row(Instant at, Duration waited) {
        finish_row();
        if (waited >= kLongWait) {
            TextRow wait;
            wait.put(TextRow::time, style_.utf8 ? "⋮" : ":", Paint::dim);
            put_lifelines(wait, style_.utf8 ? "┆" : ":");
            lines_.push_back(wait.render(style_));
        }
        row_.emplace();
        row_->put(TextRow::time, text::precise_duration_text(at - beginning_), Paint::dim);
    }

    void finish_row() {
        if (row_) {
            put_lifelines(*row_, style_.utf8 ? "│" : "|");
            lines_.push_back(row_->render(style_));
            row_.reset();
            named_ = {false, false};
        }
    }

    /// Except if the row has the state's name.
    void put_lifelines(TextRow& row, const std::string& line) const {
        for (const Side side : tracking::kSides) {
            if (current_.of(side) && !named_.of(side)) {
                row.put_before(side == Side::server ? TextRow::server : TextRow::client, line);
            }
        }
    }

    void put(const DiagramEvent& it) {
        switch (it.kind) {
            case Kind::packet: {
                const Paint paint = it.failed                  ? Paint::red
                                    : it.text.ends_with("FIN") ? Paint::bold
                                                               : Paint::plain;
                row_->put(TextRow::wire, arrow(it.text, it.side == Side::client, style_), paint);
                break;
            }
            case Kind::packets:
                row_->put(TextRow::wire, centered(left_out(it)), Paint::dim);
                break;
            case Kind::calls:
                row_->put(text_lane_of(it), left_out(it), Paint::dim);
                break;
            case Kind::call:
                row_->put(text_lane_of(it), fitting_call_text(it.text),
                          it.failed ? Paint::red : Paint::plain);
                break;
            case Kind::signal:
                row_->put(text_lane_of(it), it.text, Paint::cyan);
                break;
            case Kind::state:
                put_state(it);
                break;
            case Kind::counts: {
                const bool any = it.counts.orphan_counted + it.counts.tw_counted > 0;
                row_->put(TextRow::counts, count_text(it.counts), any ? Paint::yellow : Paint::dim);
                break;
            }
        }
    }

    std::string left_out(const DiagramEvent& it) const {
        return (style_.utf8 ? "⋮ " : ": ") + it.text;
    }

    void put_state(const DiagramEvent& it) {
        const StateSpan& span = it.span;
        const bool over = span.state == TcpState::close;
        current_.of(it.side) = !over;
        named_.of(it.side) = true;
        const bool implied = span.evidence == Evidence::implied;
        std::string text = implied ? "(" + it.text + ")" : it.text;
        if (span.ended && *span.ended > span.began) {
            text = with_time(text, text::precise_duration_text(*span.ended - span.began));
        } else if (!span.ended && now_ && !over) {
            text = with_time(text, text::precise_duration_text(*now_ - span.began));
        }
        row_->put(text_lane_of(it), text, implied ? Paint::dim : Paint::bold);
    }

    TextDiagramStyle style_;
    std::optional<Instant> now_;
    Instant beginning_;
    std::vector<std::string> lines_;
    std::optional<TextRow> row_;
    PerSide<bool> current_{false, false};  ///< whether the end is in a state that was named
    PerSide<bool> named_{false, false};    ///< in this row
};

std::string lane_heads(const TextDiagramStyle& style) {
    TextRow row;
    row.put(TextRow::time, "time", Paint::dim);
    row.put(TextRow::client, "client", Paint::dim);
    row.put(TextRow::server, "server", Paint::dim);
    row.put(TextRow::counts, "orphan tw", Paint::dim);
    return row.render(style);
}

}  // namespace

std::vector<std::string> heading(const Scenario& scenario, std::chrono::seconds fin_timeout,
                                 const TextDiagramStyle& style) {
    const std::string timeout = "tcp_fin_timeout " + std::to_string(fin_timeout.count()) + " s";
    const std::size_t taken = std::min(kWidth - 2, scenario.name.size() + timeout.size());
    std::vector<std::string> lines{painted(scenario.name, Paint::bold, style.terminal()) +
                                   std::string(kWidth - taken, ' ') +
                                   painted(timeout, Paint::dim, style.terminal())};
    for (const std::string& line : wrapped(scenario.explanation, kWidth)) {
        lines.push_back(line);
    }
    lines.emplace_back();
    lines.push_back(lane_heads(style));
    return lines;
}

std::vector<std::string> text_diagram(const Trace& trace, const TextDiagramStyle& style,
                                      std::optional<Instant> now) {
    return TextDiagram(trace, style, now).take();
}

std::vector<std::string> verdict_lines(const Run& run, const TextDiagramStyle& style) {
    const bool passed = run.verdict.passed();
    std::string line =
        painted(passed ? "PASS" : "FAIL", passed ? Paint::green : Paint::red, style.terminal()) +
        "  " + painted(run.scenario.name, Paint::bold, style.terminal());
    if (run.trace.finished) {
        line += "  " + text::precise_duration_text(*run.trace.finished - beginning(run.trace));
    }
    std::vector<std::string> lines{line};
    for (const std::string& fault : run.verdict.faults) {
        std::string mark = "    - ";
        for (const std::string& part : wrapped(shortened(fault), kWidth - mark.size())) {
            lines.push_back(mark + part);
            mark = std::string(mark.size(), ' ');
        }
    }
    return lines;
}

}  // namespace halfclosed::scenarios
