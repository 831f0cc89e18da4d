#include "scenarios/diagram/svg_lanes.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "scenarios/diagram/svg_bars.h"

namespace halfclosed::scenarios {

namespace {

using Columns = SvgColumns;
using Kind = DiagramEvent::Kind;

constexpr double kBarEnd = Columns::kClientBar + Columns::kBarWidth;

/// "write: ECONNREFUSED" where "write = -1 ECONNREFUSED" would not fit. Names of calls are ASCII; what is not, a program
/// made up.
std::string call_text(std::string text) {
    constexpr auto kRoom = static_cast<std::size_t>(Columns::kCallWidth / Columns::kLetter);
    constexpr std::string_view kFailed = " = -1 ";
    const std::size_t place = text.find(kFailed);
    if (text.size() > kRoom && place != std::string::npos) {
        text.replace(place, kFailed.size(), ": ");
    }
    std::replace_if(
        text.begin(), text.end(), [](char letter) { return letter < ' ' || letter > '~'; }, '?');
    return text.size() <= kRoom ? text : text.substr(0, kRoom - 1) + "…";
}

class Lanes {
 public:
    Lanes(text::SvgWriter& svg, const SvgLayout& layout, const Trace& trace)
        : svg_(svg), layout_(layout), start_(beginning(trace)) {}

    void draw() {
        times();
        curve("orphan", Columns::kOrphan, [](const CountSample& it) { return it.orphan_counted; });
        curve("tw", Columns::kTw, [](const CountSample& it) { return it.tw_counted; });
        draw_bars(svg_, layout_, start_);
        breaks();
        for (const SvgRow& row : layout_.rows()) {
            for (const DiagramEvent& it : row.events) {
                if (it.kind == Kind::packet) {
                    arrow(row, it);
                } else if (it.kind == Kind::packets) {
                    left_out(row, it);
                } else if (it.kind != Kind::state && it.kind != Kind::counts) {
                    beside(row, it);
                }
            }
        }
    }

 private:
    std::string time_of(Instant at) const { return fine_time(at - start_); }

    void times() {
        for (const SvgRow& row : layout_.rows()) {
            svg_.path(text::line_path(Columns::kTimeEnd + 8, row.y,
                                      Columns::kTw + Columns::kCurveWidth, row.y),
                      "rule");
            svg_.text(Columns::kTimeEnd, row.y + 4, text::Anchor::end, "small dim",
                      time_of(row.at));
        }
    }

    void arrow(const SvgRow& row, const DiagramEvent& it) {
        constexpr double kGap = 5;
        constexpr double kHead = 9;
        const bool to_the_right = it.side == Side::client;
        const double left = kBarEnd + kGap;
        const double right = Columns::kServerBar - kGap;
        const double from = to_the_right ? left : right;
        const double to = to_the_right ? right : left;
        const double step = to_the_right ? 1 : -1;
        const double end = row.y + SvgLayout::kSlant;
        const std::string style = it.failed                  ? "reset"
                                  : it.text.ends_with("FIN") ? "fin"
                                  : it.text.ends_with("ACK") ? "plain"
                                  : it.text == "SYN"         ? "plain"
                                                             : "data";
        svg_.open_group("packet", time_of(it.at) + ": " + name(it.side) + " to " +
                                      name(other(it.side)) + ", flags " + it.packet.flags + ", " +
                                      std::to_string(it.packet.length) + " bytes");
        svg_.path(text::line_path(from, row.y, to - step * kHead,
                                  end - kHead * SvgLayout::kSlant / (right - left)),
                  "shaft " + style);
        svg_.path("M" + text::svg_number(to) + " " + text::svg_number(end) + "l" +
                      text::svg_number(-step * (kHead + 1)) + " -4.5v8z",
                  "head " + style);
        svg_.text((left + right) / 2, row.y - 3, text::Anchor::middle, "label " + style, it.text);
        svg_.close_group();
    }

    void left_out(const SvgRow& row, const DiagramEvent& it) {
        svg_.open_group("omitted", time_of(it.at) + ": " + it.text + " more");
        svg_.text((kBarEnd + Columns::kServerBar) / 2, row.y + 4, text::Anchor::middle, "dim",
                  "⋮ " + it.text);
        svg_.close_group();
    }

    /// A call or a signal, at the outer side of its lane.
    void beside(const SvgRow& row, const DiagramEvent& it) {
        constexpr double kTick = 8;
        const bool server = it.side == Side::server;
        const double edge = server ? Columns::kServerBar + Columns::kBarWidth : Columns::kClientBar;
        const double x = server ? Columns::kServerCalls : Columns::kClientBar - 12;
        const double away = server ? 1 : -1;
        const bool signal = it.kind == Kind::signal;
        const bool several = it.kind == Kind::calls;
        const std::string style = signal      ? "signal"
                                  : it.failed ? "failed"
                                  : several   ? "dim"
                                              : "call";
        svg_.open_group(signal    ? "signal-sent"
                        : several ? "omitted"
                                  : "made",
                        time_of(it.at) + ": " + name(it.side) + " " + it.text);
        svg_.path(text::line_path(edge + away, row.y, edge + away * kTick, row.y), "tick " + style);
        svg_.text(x, row.y + 4, server ? text::Anchor::start : text::Anchor::end, "halo " + style,
                  several ? "⋮ " + it.text : call_text(it.text));
        svg_.close_group();
    }

    template <typename Count>
    void curve(const char* what, double x, Count count) {
        constexpr std::uint64_t kMostNamed = 999;  // there is no room for more digits
        std::uint64_t most = 1;
        for_each_count(
            [&](const SvgRow&, const CountSample& it) { most = std::max(most, count(it)); });
        const auto place = [&](std::uint64_t value) {
            return x +
                   Columns::kCurveWidth * static_cast<double>(value) / static_cast<double>(most);
        };
        std::optional<std::uint64_t> value;
        std::string data;
        svg_.open_group("counts", std::string(what).append(": how many there are"));
        const auto top = layout_.rows().empty() ? layout_.bottom() : layout_.rows().front().y;
        svg_.path(text::line_path(x, top, x, layout_.bottom()), "axis");
        for_each_count([&](const SvgRow& row, const CountSample& it) {
            const std::uint64_t now = count(it);
            if (value == now) {
                return;
            }
            data += value ? "V" + text::svg_number(row.y) + "H" + text::svg_number(place(now))
                          : "M" + text::svg_number(place(now)) + " " + text::svg_number(row.y);
            svg_.text(x + Columns::kCurveWidth + 5, row.y + 14, text::Anchor::start, "small",
                      now <= kMostNamed ? std::to_string(now) : std::to_string(kMostNamed) + "+");
            value = now;
        });
        if (value) {
            svg_.path(data + "V" + text::svg_number(layout_.bottom()), "curve");
        }
        svg_.close_group();
    }

    template <typename Visitor>
    void for_each_count(Visitor visit) const {
        for (const SvgRow& row : layout_.rows()) {
            for (const DiagramEvent& it : row.events) {
                if (it.kind == Kind::counts) {
                    visit(row, it.counts);
                }
            }
        }
    }

    /// Two waves from edge to edge, and nothing between them.
    void breaks() {
        constexpr double kWave = 20;
        constexpr double kGap = 6;
        constexpr double kLabel = 84;
        const double left = Columns::kTimeEnd + 8;
        const double right = Columns::kWidth - Columns::kMargin;
        for (const SvgBreak& it : layout_.breaks()) {
            std::string there;
            std::string back;
            int waves = 0;
            for (double x = left; x + kWave <= right; x += kWave, ++waves) {
                there += "q5 -5 10 0t10 0";
                back += "q-5 5 -10 0t-10 0";
            }
            const std::string upper =
                "M" + text::svg_number(left) + " " + text::svg_number(it.y - kGap / 2) + there;
            const std::string lower = "M" + text::svg_number(left + kWave * waves) + " " +
                                      text::svg_number(it.y + kGap / 2) + back;
            svg_.open_group("break", "nothing happened for " + fine_time(it.wait));
            svg_.path(
                std::string(upper).append("v").append(text::svg_number(kGap)).append(back) + "z",
                "tear");
            svg_.path(upper + lower, "wave");
            const double middle = (kBarEnd + Columns::kServerBar) / 2;
            svg_.rectangle(middle - kLabel / 2, it.y - 8, kLabel, 16, 0, "tear");
            svg_.text(middle, it.y + 4, text::Anchor::middle, "small dim", fine_time(it.wait));
            svg_.close_group();
        }
    }

    text::SvgWriter& svg_;
    const SvgLayout& layout_;
    Instant start_;
};

}  // namespace

void draw_lanes(text::SvgWriter& svg, const SvgLayout& layout, const Trace& trace) {
    Lanes(svg, layout, trace).draw();
}

}  // namespace halfclosed::scenarios
