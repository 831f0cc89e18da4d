#include "commands/check_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace halfclosed {

namespace {

using text::Paint;
using text::TerminalStyle;
using Verdict = Finding::Verdict;

constexpr std::size_t kWordWidth = 9;

std::string word(Verdict verdict, const TerminalStyle& style) {
    switch (verdict) {
        case Verdict::works:
            return text::painted("ok", Paint::green, style) + std::string(kWordWidth - 2, ' ');
        case Verdict::missing:
            return text::painted("missing", Paint::yellow, style) +
                   std::string(kWordWidth - 7, ' ');
        case Verdict::fails:
            return text::painted("FAILS", Paint::red, style) + std::string(kWordWidth - 5, ' ');
    }
    return {};
}

/// The lines of a text at `indent`, without the blanks before the first.
std::string note_lines(const std::string& text, std::size_t indent, std::size_t width) {
    const std::string lines = text::wrapped(text, indent, width);
    return lines.size() > indent ? lines.substr(indent) : "\n";
}

/// Where the notes stand: behind the widest name.
std::size_t note_indent(const std::vector<Finding>& findings) {
    constexpr std::size_t kGap = 2;
    std::size_t widest = 0;
    for (const Finding& finding : findings) {
        widest = std::max(widest, finding.what.size());
    }
    return kWordWidth + widest + kGap;
}

std::size_t count(const std::vector<Finding>& findings, Verdict verdict) {
    return static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(),
                      [verdict](const Finding& finding) { return finding.verdict == verdict; }));
}

std::string summary(const std::vector<Finding>& findings, const TerminalStyle& style) {
    const std::size_t fail = count(findings, Verdict::fails);
    const std::string counts = std::to_string(count(findings, Verdict::works)) + " work, " +
                               std::to_string(count(findings, Verdict::missing)) + " missing, " +
                               std::to_string(fail) + " failed";
    return text::painted(counts, fail == 0 ? Paint::bold : Paint::red, style) + "\n";
}

}  // namespace

const char* name(Verdict verdict) {
    switch (verdict) {
        case Verdict::works:
            return "works";
        case Verdict::missing:
            return "missing";
        case Verdict::fails:
            return "fails";
    }
    return "";
}

bool all_well(const std::vector<Finding>& findings) {
    return count(findings, Verdict::fails) == 0;
}

std::string findings_table(const std::vector<Finding>& findings, const TerminalStyle& style) {
    const std::string margin(kWordWidth, ' ');
    const std::size_t indent = note_indent(findings);
    const auto row = [&](const std::string& what, const std::string& text) {
        return text::padded(what, indent - kWordWidth) + note_lines(text, indent, style.width);
    };
    std::string table;
    for (const Finding& finding : findings) {
        table += word(finding.verdict, style) + row(finding.what, finding.note);
        if (!finding.costs.empty()) {
            table += margin + row("  without it", finding.costs);
        }
        if (!finding.needs.empty()) {
            table += margin + row("  it needs", finding.needs);
        }
    }
    return table + "\n" + summary(findings, style);
}

std::string findings_json(const std::vector<Finding>& findings) {
    using Json = nlohmann::ordered_json;
    const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    Json list = Json::array();
    for (const Finding& finding : findings) {
        list.push_back({{"what", finding.what},
                        {"verdict", name(finding.verdict)},
                        {"note", or_null(finding.note)},
                        {"costs", or_null(finding.costs)},
                        {"needs", or_null(finding.needs)}});
    }
    const Json whole{{"schema", "halfclosed.check/1"},
                     {"result", all_well(findings) ? "pass" : "fail"},
                     {"findings", list}};
    // What the system said may be any bytes.
    return whole.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace halfclosed
