#include "scenarios/diagram/svg_bars.h"

#include <algorithm>
#include <optional>

#include "records/rfc_name.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::scenarios {

namespace {

using tracking::Custody;
using tracking::Evidence;
using Columns = SvgColumns;

class Bars {
 public:
    Bars(text::SvgWriter& svg, const SvgLayout& layout, Instant start)
        : svg_(svg), layout_(layout), start_(start) {}

    void draw() {
        for (const Side side : {Side::client, Side::server}) {
            bars(side);
        }
    }

 private:
    std::string time_of(Instant at) const { return fine_time(at - start_); }

    struct Bar {
        const SvgRow* row;
        const DiagramEvent* state;
        double from;
        double to;
    };

    std::vector<Bar> bars_of(Side side) const {
        std::vector<Bar> bars;
        for (const SvgRow& row : layout_.rows()) {
            for (const DiagramEvent& it : row.events) {
                if (it.kind != DiagramEvent::Kind::state || it.side != side) {
                    continue;
                }
                const double from = layout_.beginning(row, it);
                if (!bars.empty()) {
                    bars.back().to = from;
                }
                bars.push_back({&row, &it, from, layout_.bottom()});
            }
        }
        return bars;
    }

    void bars(Side side) {
        const double x = side == Side::server ? Columns::kServerBar : Columns::kClientBar;
        for (const Bar& bar : bars_of(side)) {
            const StateSpan& span = bar.state->span;
            if (span.state == TcpState::close) {
                gone(x, bar);
                continue;
            }
            svg_.open_group("state", tooltip(side, span));
            const std::string style = std::string("bar ") + name(span.state) +
                                      (span.evidence == Evidence::implied ? " implied" : "");
            svg_.rectangle(x, bar.from, Columns::kBarWidth, bar.to - bar.from, 4, style);
            const double strip = side == Side::server ? x + Columns::kBarWidth - kStripWidth : x;
            strips(strip, bar);
            words(side == Side::server ? x : x + kStripWidth, bar);
            svg_.close_group();
        }
    }

    std::string tooltip(Side side, const StateSpan& span) const {
        std::string text =
            std::string(name(side)) + " " + rfc_name(span.state) + " from " + time_of(span.began);
        text += span.ended ? " to " + time_of(*span.ended) : " on";
        for (const Holder& holder : span.holders) {
            text += std::string(", ") + tracking::name(holder.custody);
        }
        return text + (span.evidence == Evidence::implied ? ", implied" : "");
    }

    void gone(double x, const Bar& bar) {
        svg_.open_group("state", "");
        svg_.path(text::line_path(x, bar.from, x + Columns::kBarWidth, bar.from), "end");
        svg_.text(x + Columns::kBarWidth / 2, bar.from + 17, text::Anchor::middle, "dim",
                  bar.state->text);
        svg_.close_group();
    }

    void strips(double x, const Bar& bar) {
        const std::vector<Holder>& holders = bar.state->span.holders;
        for (std::size_t index = 0; index < holders.size(); ++index) {
            const auto height = [&](std::size_t of) {
                return std::clamp(layout_.height_of(holders[of].since), bar.from, bar.to);
            };
            const double from = index == 0 ? bar.from : height(index);
            const double to = index + 1 < holders.size() ? height(index + 1) : bar.to;
            if (to - from >= 1) {
                svg_.rectangle(x, from, kStripWidth, to - from, 2,
                               std::string("strip ") + words_for(holders[index].custody).style);
            }
        }
    }

    /// The state's name; its time at the right of it, and who holds the socket below, if there is room.
    void words(double x, const Bar& bar) {
        constexpr double kPad = 7;
        constexpr double kFirstLine = 17;
        constexpr double kSecondLine = 32;
        constexpr double kNeedsSecond = 40;
        const StateSpan& span = bar.state->span;
        const double room = Columns::kBarWidth - kStripWidth - 2 * kPad;
        svg_.text(x + kPad, bar.from + kFirstLine, text::Anchor::start, "strong", bar.state->text);
        const bool passed = span.ended && *span.ended > span.began;
        if (passed || !span.ended) {
            const std::string time = !passed ? "and on" : fine_time(*span.ended - span.began);
            const double taken =
                static_cast<double>(bar.state->text.size()) * Columns::kLetter +
                static_cast<double>(text::columns(time) + 1) * Columns::kSmallLetter;
            if (taken <= room) {
                svg_.text(x + kPad + room, bar.from + kFirstLine, text::Anchor::end, "small", time);
            }
        }
        if (bar.to - bar.from >= kNeedsSecond && !span.holders.empty()) {
            svg_.text(x + kPad, bar.from + kSecondLine, text::Anchor::start, "small held",
                      words_for(span.holders.back().custody).beside);
        }
    }

    text::SvgWriter& svg_;
    const SvgLayout& layout_;
    Instant start_;
};

}  // namespace

void draw_bars(text::SvgWriter& svg, const SvgLayout& layout, Instant start) {
    Bars(svg, layout, start).draw();
}

CustodyWords words_for(Custody custody) {
    switch (custody) {
        case Custody::process:
            return {"process", "held by the process", "held by a process"};
        case Custody::accept_queue:
            return {"queue", "in the accept queue", "not accepted yet: in the accept queue"};
        case Custody::orphan:
            return {"orphan", "orphan", "orphan: a full socket, no process"};
        case Custody::timewait:
            return {"minisock", "minisock", "minisock: no process"};
        case Custody::handshake:
            return {"queue", "handshake", "a handshake"};
    }
    return {"queue", "", ""};
}

std::string fine_time(Duration time) {
    std::string text = text::precise_duration_text(time);
    if (text.ends_with(" us")) {
        text.replace(text.size() - 2, 1, "µ");
    }
    return text;
}

}  // namespace halfclosed::scenarios
