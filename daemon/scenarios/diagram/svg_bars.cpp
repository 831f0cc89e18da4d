#include "scenarios/diagram/svg_bars.h"

#include <algorithm>
#include <optional>

#include "scenarios/diagram/text_row.h"
#include "text/time.h"

namespace halfclosed::scenarios {

namespace {

using tracking::Custody;
using tracking::Evidence;
using Columns = PictureColumns;

constexpr double kLetter = 7.3;       ///< of the lanes' 12 units, in every face there is
constexpr double kSmallLetter = 6.7;  ///< of their 11 units

class Bars {
 public:
    Bars(text::SvgWriter& svg, const PictureLayout& layout, Instant start)
        : svg_(svg), layout_(layout), start_(start) {}

    void draw() {
        for (const Side side : {Side::client, Side::server}) {
            bars(side);
        }
    }

 private:
    std::string time_of(Instant at) const { return fine_time(at - start_); }

    struct Bar {
        const PictureRow* row;
        const DiagramEvent* state;
        double from;
        double to;
    };

    std::vector<Bar> bars_of(Side side) const {
        std::vector<Bar> bars;
        for (const PictureRow& row : layout_.rows()) {
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
            const Tenure& tenure = bar.state->tenure;
            if (tenure.state == TcpState::close) {
                gone(x, bar);
                continue;
            }
            svg_.open_group("state", hint(side, tenure));
            const std::string look = std::string("bar ") + name(tenure.state) +
                                     (tenure.evidence == Evidence::implied ? " implied" : "");
            svg_.rectangle(x, bar.from, Columns::kBarWidth, bar.to - bar.from, 4, look);
            const double strip = side == Side::server ? x + Columns::kBarWidth - kStripWidth : x;
            strips(strip, bar);
            words(side == Side::server ? x : x + kStripWidth, bar);
            svg_.close_group();
        }
    }

    std::string hint(Side side, const Tenure& tenure) const {
        std::string text = std::string(name(side)) + " " + rfc_name(tenure.state) + " from " +
                           time_of(tenure.from);
        text += tenure.to ? " to " + time_of(*tenure.to) : " on";
        for (const Holder& holder : tenure.holders) {
            text += std::string(", ") + tracking::name(holder.custody);
        }
        return text + (tenure.evidence == Evidence::implied ? ", implied" : "");
    }

    void gone(double x, const Bar& bar) {
        svg_.open_group("state", "");
        svg_.path(text::line_path(x, bar.from, x + Columns::kBarWidth, bar.from), "end");
        svg_.text(x + Columns::kBarWidth / 2, bar.from + 17, text::Anchor::middle, "mono dim",
                  bar.state->text);
        svg_.close_group();
    }

    void strips(double x, const Bar& bar) {
        const std::vector<Holder>& holders = bar.state->tenure.holders;
        for (std::size_t index = 0; index < holders.size(); ++index) {
            const auto height = [&](std::size_t of) {
                return std::clamp(layout_.height_of(holders[of].since), bar.from, bar.to);
            };
            const double from = index == 0 ? bar.from : height(index);
            const double to = index + 1 < holders.size() ? height(index + 1) : bar.to;
            if (to - from >= 1) {
                svg_.rectangle(x, from, kStripWidth, to - from, 2,
                               std::string("strip ") + words_for(holders[index].custody).look);
            }
        }
    }

    /// The state's name; its time at the right of it, and who holds the socket below, where there is room.
    void words(double x, const Bar& bar) {
        constexpr double kPad = 7;
        constexpr double kFirstLine = 17;
        constexpr double kSecondLine = 32;
        constexpr double kNeedsSecond = 40;
        const Tenure& tenure = bar.state->tenure;
        const double room = Columns::kBarWidth - kStripWidth - 2 * kPad;
        svg_.text(x + kPad, bar.from + kFirstLine, text::Anchor::start, "mono strong",
                  bar.state->text);
        const bool passed = tenure.to && *tenure.to > tenure.from;
        if (passed || !tenure.to) {
            const std::string time = !passed ? "and on" : fine_time(*tenure.to - tenure.from);
            const double taken = static_cast<double>(bar.state->text.size()) * kLetter +
                                 static_cast<double>(columns(time) + 1) * kSmallLetter;
            if (taken <= room) {
                svg_.text(x + kPad + room, bar.from + kFirstLine, text::Anchor::end, "mono small",
                          time);
            }
        }
        if (bar.to - bar.from >= kNeedsSecond && !tenure.holders.empty()) {
            svg_.text(x + kPad, bar.from + kSecondLine, text::Anchor::start, "mono small held",
                      words_for(tenure.holders.back().custody).beside);
        }
    }

    text::SvgWriter& svg_;
    const PictureLayout& layout_;
    Instant start_;
};

}  // namespace

void draw_bars(text::SvgWriter& svg, const PictureLayout& layout, Instant start) {
    Bars(svg, layout, start).draw();
}

CustodyWords words_for(Custody custody) {
    switch (custody) {
        case Custody::process:
            return {"process", "held by the process", "a process has the socket"};
        case Custody::accept_queue:
            return {"queue", "in the accept queue", "nobody's yet: in the accept queue"};
        case Custody::orphan:
            return {"orphan", "orphan, nobody's", "nobody's: an orphan, a full socket"};
        case Custody::timewait:
            return {"minisock", "minisock, nobody's", "nobody's: a minisock"};
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
