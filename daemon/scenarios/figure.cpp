#include "scenarios/figure.h"

#include <algorithm>

#include "programs/signal_name.h"
#include "scenarios/figure_row.h"
#include "scenarios/passages.h"
#include "scenarios/time_text.h"

namespace halfclosed::scenarios {

namespace {

using tracking::Evidence;

constexpr std::size_t kWidth = 80;
/// What happens this close together shares a line, where its lanes are free.
constexpr Duration kSameLine = std::chrono::microseconds{200};

FigureRow::Lane lane_of(Side side) {
    return side == Side::server ? FigureRow::server : FigureRow::client;
}

/// "FIN-WAIT-2": as RFC 9293 spells it.
std::string rfc_name(TcpState state) {
    switch (state) {
        case TcpState::fin_wait1:
            return "FIN-WAIT-1";
        case TcpState::fin_wait2:
            return "FIN-WAIT-2";
        default:
            break;
    }
    std::string text = name(state);
    std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
        return letter == '_' ? '-' : static_cast<char>(std::toupper(letter));
    });
    return text;
}

/// Something to be drawn in one lane.
struct Mark {
    Instant at;
    FigureRow::Lane lane = FigureRow::client;
    std::string text;
    Paint paint = Paint::plain;
};

/// "SYN", "FIN", "26 bytes", "RST": what the segment is there for.
std::string packet_label(const Packet& packet) {
    const auto has = [&packet](char flag) { return packet.flags.find(flag) != std::string::npos; };
    if (has('R')) {
        return "RST";
    }
    if (has('S')) {
        return has('.') ? "SYN ACK" : "SYN";
    }
    const std::string bytes = std::to_string(packet.length) + " bytes";
    if (has('F')) {
        return packet.length > 0 ? bytes + " FIN" : "FIN";
    }
    return packet.length > 0 ? bytes : "ACK";
}

/// "──── SYN ────▶", as wide as its lane.
std::string arrow(const std::string& label, bool to_the_right, const FigureStyle& style) {
    const std::string dash = style.utf8 ? "─" : "-";
    const std::string head = style.utf8 ? (to_the_right ? "▶" : "◀") : (to_the_right ? ">" : "<");
    const std::size_t width = FigureRow::kWidths[FigureRow::wire];
    const std::size_t dashes = width - std::min(width, label.size() + 3);
    std::string shaft[2];
    for (std::size_t count = 0; count < dashes; ++count) {
        shaft[(count + (to_the_right ? 0 : 1)) % 2].append(dash);
    }
    const std::string text = shaft[0] + " " + label + " " + shaft[1];
    return to_the_right ? text + head : head + text;
}

/// The name at the left of the lane, the time at its right.
std::string with_time(const std::string& state, const std::string& time) {
    const std::size_t width = FigureRow::kWidths[FigureRow::client];
    if (state.size() + 1 + time.size() > width) {
        return state;
    }
    return state + std::string(width - state.size() - time.size(), ' ') + time;
}

class Drawing {
 public:
    Drawing(const Story& story, const FigureStyle& style, std::optional<Instant> now)
        : story_(story), style_(style), now_(now) {
        packets();
        calls();
        signals();
        for (const Side side : {Side::client, Side::server}) {
            states(side);
        }
        counts();
        std::stable_sort(marks_.begin(), marks_.end(),
                         [](const Mark& left, const Mark& right) { return left.at < right.at; });
    }

    std::vector<std::string> lines() const {
        std::vector<std::string> lines;
        FigureRow row;
        Instant row_at;
        bool empty = true;
        for (const Mark& mark : marks_) {
            if (empty || !row.is_free(mark.lane) || mark.at - row_at > kSameLine) {
                if (!empty) {
                    lines.push_back(row.render(style_));
                }
                row = FigureRow();
                row_at = mark.at;
                empty = false;
                row.put(FigureRow::time, time_text(mark.at - beginning(story_)), Paint::dim);
            }
            row.put(mark.lane, mark.text, mark.paint);
        }
        if (!empty) {
            lines.push_back(row.render(style_));
        }
        return lines;
    }

 private:
    void mark(Instant at, FigureRow::Lane lane, const std::string& text, Paint paint) {
        if (at >= beginning(story_)) {
            marks_.push_back({at, lane, text, paint});
        }
    }

    void packets() {
        for (const Packet& packet : story_.packets) {
            const std::string label = packet_label(packet);
            const Paint paint = label == "RST"           ? Paint::red
                                : label.ends_with("FIN") ? Paint::bold
                                                         : Paint::plain;
            mark(packet.at, FigureRow::wire, arrow(label, packet.from == Side::client, style_),
                 paint);
        }
    }

    /// What a call sets off comes after it: calls that send stand where they began, the others where they returned.
    void calls() {
        for (const MadeCall& made : story_.calls) {
            const programs::Call& call = made.call;
            const bool sends =
                call.name == "write" || call.name == "close" || call.name == "shutdown";
            std::string text = call.name + " = " + std::to_string(call.result);
            if (call.error != 0) {
                text.append(" ").append(programs::errno_name(call.error));
            }
            mark(instant(sends ? call.began : call.ended), lane_of(made.who), text,
                 call.error != 0 ? Paint::red : Paint::plain);
        }
    }

    void signals() {
        for (const SentSignal& sent : story_.signals) {
            mark(sent.at, lane_of(sent.to), programs::signal_name(sent.signal), Paint::cyan);
        }
    }

    void states(Side side) {
        const std::vector<Passage> passed = passages(story_, side);
        for (std::size_t index = 0; index < passed.size(); ++index) {
            const Passage& passage = passed[index];
            std::string text = rfc_name(passage.state);
            if (passage.evidence == Evidence::implied) {
                mark(passage.at, lane_of(side), "(" + text + ")", Paint::dim);
                continue;
            }
            const bool stands = index + 1 == passed.size();
            if (!stands) {
                text = with_time(text, time_text(passed[index + 1].at - passage.at));
            } else if (now_ && passage.state != TcpState::close) {
                text = with_time(text, time_text(*now_ - passage.at));
            }
            mark(passage.at, lane_of(side), text, Paint::bold);
        }
    }

    void counts() {
        for (const Gauges& gauges : story_.gauges) {
            const std::string orphan = std::to_string(gauges.orphan_counted);
            const std::string tw = std::to_string(gauges.tw_counted);
            const std::size_t tw_width = 3;
            const std::string gap(tw_width - std::min(tw_width, tw.size()), ' ');
            const bool any = gauges.orphan_counted + gauges.tw_counted > 0;
            mark(gauges.at, FigureRow::counts, orphan + gap + tw,
                 any ? Paint::yellow : Paint::plain);
        }
    }

    const Story& story_;
    FigureStyle style_;
    std::optional<Instant> now_;
    std::vector<Mark> marks_;
};

std::string lane_heads(const FigureStyle& style) {
    FigureRow row;
    row.put(FigureRow::time, "time", Paint::dim);
    row.put(FigureRow::client, "client", Paint::dim);
    row.put(FigureRow::server, "server", Paint::dim);
    row.put(FigureRow::counts, "orphan tw", Paint::dim);
    return row.render(style);
}

}  // namespace

std::vector<std::string> heading(const Scenario& scenario, std::chrono::seconds fin_timeout,
                                 const FigureStyle& style) {
    const std::string timeout = "tcp_fin_timeout " + std::to_string(fin_timeout.count()) + " s";
    const std::size_t taken = std::min(kWidth - 2, scenario.name.size() + timeout.size());
    std::vector<std::string> lines{painted(scenario.name, Paint::bold, style) +
                                   std::string(kWidth - taken, ' ') +
                                   painted(timeout, Paint::dim, style)};
    for (const std::string& line : wrapped(scenario.explanation, kWidth, 0)) {
        lines.push_back(line);
    }
    lines.emplace_back();
    lines.push_back(lane_heads(style));
    return lines;
}

std::vector<std::string> figure(const Story& story, const FigureStyle& style,
                                std::optional<Instant> now) {
    return Drawing(story, style, now).lines();
}

std::vector<std::string> verdict_lines(const Scenario& scenario, const Story& story,
                                       const Verdict& verdict, const FigureStyle& style) {
    const std::string word = verdict.passed() ? painted("PASS", Paint::green, style)
                                              : painted("FAIL", Paint::red, style);
    std::string line = word + "  " + painted(scenario.name, Paint::bold, style);
    if (story.finished) {
        line += "  " + time_text(*story.finished - beginning(story));
    }
    std::vector<std::string> lines{line};
    for (const std::string& fault : verdict.faults) {
        for (const std::string& part : wrapped(fault, kWidth, 6)) {
            lines.push_back(part);
        }
    }
    return lines;
}

}  // namespace halfclosed::scenarios
