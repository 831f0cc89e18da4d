#include "scenarios/packetdrill/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "records/rfc_name.h"

namespace halfclosed::scenarios::packetdrill {

namespace {

/// The order of a connection's life.
constexpr std::array kOrder = {TcpState::close,      TcpState::listen,      TcpState::syn_sent,
                               TcpState::syn_recv,   TcpState::established, TcpState::fin_wait1,
                               TcpState::fin_wait2,  TcpState::closing,     TcpState::time_wait,
                               TcpState::close_wait, TcpState::last_ack};

struct Tally {
    std::set<std::string> scripts;
    std::size_t contradicted = 0;
    std::size_t unjudged = 0;
};

/// State before by its place in kOrder, event, state after, answers.
using Key = std::tuple<std::ptrdiff_t, std::string, std::string, std::string>;

std::string joined(const std::vector<std::string>& answers) {
    std::string text;
    for (const std::string& answer : answers) {
        text += (text.empty() ? "" : ", ") + answer;
    }
    return text.empty() ? "nothing" : text;
}

std::map<Key, Tally> tally(const std::vector<Result>& results) {
    std::map<Key, Tally> rows;
    for (const Result& result : results) {
        for (const Step& step : result.steps) {
            const auto place =
                std::find(kOrder.begin(), kOrder.end(), step.before.state) - kOrder.begin();
            Tally& row =
                rows[{place, step.event, rfc_name(step.after.state), joined(step.answers)}];
            row.scripts.insert(result.file);
            row.contradicted += step.passed ? 0 : 1;
            row.unjudged += step.passed && !step.judged ? 1 : 0;
        }
    }
    return rows;
}

std::string verdict(const Tally& row) {
    if (row.contradicted > 0) {
        return fmt::format("contradicted in {}", row.contradicted);
    }
    return row.unjudged > 0 ? "as the segments say" : "as the script says";
}

/// In a cell of a Markdown table.
std::string cell(std::string text) {
    for (std::size_t place = text.find('|'); place != std::string::npos;
         place = text.find('|', place + 2)) {
        text.insert(place, "\\");
    }
    return text;
}

std::size_t count(const std::vector<Result>& results, Outcome outcome) {
    return static_cast<std::size_t>(
        std::count_if(results.begin(), results.end(),
                      [outcome](const Result& result) { return result.outcome == outcome; }));
}

}  // namespace

std::string matrix(const std::vector<Result>& results) {
    std::string text = fmt::format(
        "{} scripts: {} passed, {} failed, {} not supported.\n\n"
        "| state | event | state after | the kernel sent | scripts | verdict |\n"
        "|---|---|---|---|---:|---|\n",
        results.size(), count(results, Outcome::passed), count(results, Outcome::failed),
        count(results, Outcome::not_supported));
    for (const auto& [key, row] : tally(results)) {
        const auto& [place, event, after, answers] = key;
        const bool known = place < static_cast<std::ptrdiff_t>(kOrder.size());
        text += fmt::format("| {} | {} | {} | {} | {} | {} |\n",
                            known ? rfc_name(kOrder[static_cast<std::size_t>(place)]) : "other",
                            cell(event), after, answers, row.scripts.size(), verdict(row));
    }
    std::string others;
    for (const Result& result : results) {
        if (result.outcome != Outcome::passed) {
            others += fmt::format("| {} | {} | {} |\n", cell(result.file), name(result.outcome),
                                  cell(reason(result)));
        }
    }
    if (!others.empty()) {
        text += "\n| script | verdict | reason |\n|---|---|---|\n" + others;
    }
    return text;
}

}  // namespace halfclosed::scenarios::packetdrill
