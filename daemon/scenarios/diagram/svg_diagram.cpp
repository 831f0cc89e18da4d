#include "scenarios/diagram/svg_diagram.h"

#include <algorithm>
#include <vector>

#include "scenarios/diagram/svg_bars.h"
#include "scenarios/diagram/svg_lanes.h"
#include "scenarios/diagram/svg_layout.h"
#include "scenarios/diagram/svg_style.h"
#include "scenarios/diagram/text_row.h"
#include "text/markup.h"
#include "text/svg.h"
#include "text/time.h"

namespace halfclosed::scenarios {

namespace {

using Columns = SvgColumns;
using tracking::Custody;

constexpr double kLine = 19;
constexpr double kRight = Columns::kWidth - Columns::kMargin;

/// "net.ipv4.a, net.ipv4.b".
std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text.append(text.empty() ? "" : ", ").append(word);
    }
    return text;
}

std::string kernel_events(const Trace& trace) {
    if (!trace.counters) {
        return "not read";
    }
    std::vector<std::string> moved;
    for (const auto& [counter, count] : trace.counters->moved) {
        if (count != 0) {
            moved.push_back(counter + " +" + std::to_string(count));
        }
    }
    return moved.empty() ? "none moved" : joined(moved);
}

bool counts_agree(const Trace& trace) {
    return std::all_of(trace.counts.begin(), trace.counts.end(), [](const CountSample& it) {
        return it.tw_counted == it.tw_kernel && it.orphan_counted <= it.orphan_kernel;
    });
}

/// From top to bottom; `y_` is the baseline of the next line.
class SvgDiagram {
 public:
    explicit SvgDiagram(const Run& run)
        : scenario_(run.scenario), trace_(run.trace), verdict_(run.verdict) {
        heading(run.parameters.fin_timeout);
        explanation();
        faults();
        lanes();
        legend();
        notes();
    }

    std::string document() {
        const std::string width = text::svg_number(Columns::kWidth);
        const std::string height = text::svg_number(y_);
        text::SvgWriter whole;
        whole.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"" + width +
                  "\" height=\"" + height + "\" viewBox=\"0 0 " + width + " " + height + "\">\n");
        whole.raw("<title>" + text::html_escaped(scenario_.name + ": " + scenario_.summary) +
                  "</title>\n<style>");
        whole.raw(kSvgStyle);
        whole.raw("</style>\n");
        whole.rectangle(0, 0, Columns::kWidth, y_, 8, "page");
        whole.raw(svg_.take());
        whole.raw("</svg>\n");
        return whole.take();
    }

 private:
    void heading(std::chrono::seconds fin_timeout) {
        constexpr double kBadge = 58;
        y_ = 38;
        const bool passed = verdict_.passed();
        svg_.rectangle(Columns::kMargin, y_ - 18, kBadge, 24, 12,
                       passed ? "badge pass" : "badge fail");
        svg_.text(Columns::kMargin + kBadge / 2, y_ - 1, text::Anchor::middle, "on-badge",
                  passed ? "PASS" : "FAIL");
        constexpr std::size_t kNameLength = 42;
        svg_.text(Columns::kMargin + kBadge + 12, y_, text::Anchor::start, "title",
                  cut(scenario_.name, kNameLength));
        std::string right = "tcp_fin_timeout " + std::to_string(fin_timeout.count()) + " s";
        if (trace_.finished) {
            right +=
                ", over in " + text::precise_duration_text(*trace_.finished - beginning(trace_));
        }
        svg_.text(kRight, y_, text::Anchor::end, "dim", right);
        y_ += 30;
    }

    /// Other letters than ASCII may be twice as wide.
    static std::vector<std::string> lines_of(const std::string& text, double indent) {
        const bool ascii =
            std::all_of(text.begin(), text.end(), [](char letter) { return letter >= 0; });
        const double letter = (ascii ? 1 : 2) * Columns::kLetter;
        return wrapped(text,
                       static_cast<std::size_t>((kRight - Columns::kMargin - 2 * indent) / letter));
    }

    void paragraph(const std::string& text, const char* style, double indent) {
        for (const std::string& line : lines_of(text, indent)) {
            svg_.text(Columns::kMargin + indent, y_, text::Anchor::start, style, line);
            y_ += kLine;
        }
    }

    void explanation() {
        paragraph(scenario_.explanation, "", 0);
        y_ += 6;
    }

    void faults() {
        if (verdict_.passed()) {
            return;
        }
        constexpr double kIndent = 12;
        std::size_t lines = 0;
        for (const std::string& fault : verdict_.faults) {
            lines += lines_of("- " + shortened(fault), kIndent).size();
        }
        svg_.rectangle(Columns::kMargin, y_ - 12, kRight - Columns::kMargin,
                       static_cast<double>(lines) * kLine + 14, 6, "faults");
        y_ += 8;
        for (const std::string& fault : verdict_.faults) {
            paragraph("- " + shortened(fault), "", kIndent);
        }
        y_ += 14;
    }

    void head(double x, text::Anchor anchor, const std::string& text) {
        svg_.text(x, y_, anchor, "dim", text);
    }

    void lanes() {
        y_ += 12;
        head(Columns::kTimeEnd, text::Anchor::end, "time");
        head(Columns::kClientBar - 12, text::Anchor::end, "calls");
        head(Columns::kClientBar + Columns::kBarWidth / 2, text::Anchor::middle, "client");
        head((Columns::kClientBar + Columns::kBarWidth + Columns::kServerBar) / 2,
             text::Anchor::middle, "wire");
        head(Columns::kServerBar + Columns::kBarWidth / 2, text::Anchor::middle, "server");
        head(Columns::kServerCalls, text::Anchor::start, "calls");
        head(Columns::kOrphan + Columns::kCurveWidth / 2, text::Anchor::middle, "orphan");
        head(Columns::kTw + Columns::kCurveWidth / 2, text::Anchor::middle, "tw");
        y_ += 8;
        svg_.path(text::line_path(Columns::kMargin, y_, kRight, y_), "line");
        const SvgLayout layout(trace_, y_ + 24);
        draw_lanes(svg_, layout, trace_);
        y_ = layout.bottom() + 12;
        svg_.path(text::line_path(Columns::kMargin, y_, kRight, y_), "line");
        y_ += 24;
    }

    bool is_held_by(Custody custody) const {
        return std::any_of(trace_.observations.begin(), trace_.observations.end(),
                           [custody](const StateObservation& it) { return it.custody == custody; });
    }

    bool anything_implied() const {
        const auto all = diagram_events(trace_);
        return std::any_of(all.begin(), all.end(), [](const DiagramEvent& it) {
            return it.kind == DiagramEvent::Kind::state &&
                   it.span.evidence == tracking::Evidence::implied;
        });
    }

    /// What the strips and lines mean, of those that this picture has.
    void legend() {
        constexpr double kColumn = 320;
        double x = Columns::kMargin;
        const auto next = [this, &x](const std::string& text) {
            svg_.text(x + 24, y_, text::Anchor::start, "", text);
            x += kColumn;
            if (x + kColumn > Columns::kWidth) {
                x = Columns::kMargin;
                y_ += kLine + 3;
            }
        };
        for (const Custody custody : tracking::kCustodies) {
            if (is_held_by(custody)) {
                svg_.rectangle(x + 4, y_ - 12, kStripWidth, 15, 2,
                               std::string("strip ") + words_for(custody).style);
                next(words_for(custody).legend);
            }
        }
        if (anything_implied()) {
            svg_.rectangle(x, y_ - 11, 16, 13, 3, "bar implied");
            next("too short for any style: implied");
        }
        if (x > Columns::kMargin) {
            y_ += kLine + 3;
        }
        y_ += 4;
    }

    void notes() {
        paragraph("Kernel counters: " + kernel_events(trace_) + ".", "dim", 0);
        paragraph(std::string("The counts of orphan and tw are taken from the socket table; "
                              "/proc/net/sockstat ") +
                      (counts_agree(trace_) ? "agreed each time." : "did not agree each time."),
                  "dim", 0);
        if (!scenario_.governed_by.empty()) {
            paragraph("Governed by " + joined(scenario_.governed_by) + ".", "dim", 0);
        }
        paragraph(
            "Time runs down and is not to scale; a break has the time it stands for. Arrows slant "
            "in "
            "their direction; the slant is no time.",
            "dim", 0);
        y_ += 4;
    }

    const Scenario& scenario_;
    const Trace& trace_;
    const Verdict& verdict_;
    text::SvgWriter svg_;
    double y_ = 0;
};

}  // namespace

std::string svg_diagram(const Run& run) {
    return SvgDiagram(run).document();
}

}  // namespace halfclosed::scenarios
