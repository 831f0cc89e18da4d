#include "commands/check_report.h"

#include <algorithm>

#include "text/json.h"
#include "text/utf8.h"

namespace halfclosed {

namespace {

using text::Paint;
using text::TerminalStyle;
using Verdict = CheckResult::Verdict;

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
    const std::string lines = text::wrapped(text::printable(text), indent, width);
    return lines.size() > indent ? lines.substr(indent) : "\n";
}

/// Where the notes stand: behind the widest name.
std::size_t note_indent(const std::vector<CheckResult>& results) {
    constexpr std::size_t kGap = 2;
    std::size_t widest = 0;
    for (const CheckResult& result : results) {
        widest = std::max(widest, result.what.size());
    }
    return kWordWidth + widest + kGap;
}

std::size_t count(const std::vector<CheckResult>& results, Verdict verdict) {
    return static_cast<std::size_t>(
        std::count_if(results.begin(), results.end(),
                      [verdict](const CheckResult& result) { return result.verdict == verdict; }));
}

std::string summary(const std::vector<CheckResult>& results, const TerminalStyle& style) {
    const std::size_t fail = count(results, Verdict::fails);
    const std::string counts = std::to_string(count(results, Verdict::works)) + " work, " +
                               std::to_string(count(results, Verdict::missing)) + " missing, " +
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

bool all_well(const std::vector<CheckResult>& results) {
    return count(results, Verdict::fails) == 0;
}

std::string findings_table(const std::vector<CheckResult>& results, const TerminalStyle& style) {
    const std::string margin(kWordWidth, ' ');
    const std::size_t indent = note_indent(results);
    const auto row = [&](const std::string& what, const std::string& text) {
        return text::padded(what, indent - kWordWidth) + note_lines(text, indent, style.width);
    };
    std::string table;
    for (const CheckResult& result : results) {
        table += word(result.verdict, style) + row(result.what, result.note);
        if (!result.costs.empty()) {
            table += margin + row("  without it", result.costs);
        }
        if (!result.needs.empty()) {
            table += margin + row("  it needs", result.needs);
        }
    }
    return table + "\n" + summary(results, style);
}

std::string findings_json(const std::vector<CheckResult>& results) {
    using text::Json;
    const auto or_null = [](const std::string& text) {
        return text.empty() ? Json() : Json(text::printable(text));
    };
    Json list = Json::array();
    for (const CheckResult& result : results) {
        list.push_back({{"what", result.what},
                        {"verdict", name(result.verdict)},
                        {"note", or_null(result.note)},
                        {"costs", or_null(result.costs)},
                        {"needs", or_null(result.needs)}});
    }
    const Json whole{{"schema", "halfclosed.check/1"},
                     {"result", all_well(results) ? "pass" : "fail"},
                     {"findings", list}};
    return whole.dump() + "\n";
}

}  // namespace halfclosed
