// Every control character, sent through what the commands print: none reaches a terminal.

#include <gtest/gtest.h>

#include <deque>
#include <nlohmann/json.hpp>

#include "commands/check_report.h"
#include "commands/comparison.h"
#include "commands/history_line.h"
#include "commands/report_page.h"
#include "commands/status_report.h"
#include "commands/top/screen.h"
#include "control_characters.h"
#include "exporters/json/status_json.h"
#include "exporters/sample_snapshot.h"
#include "history/history_folder.h"
#include "history/history_json.h"
#include "text/utf8.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

exporters::Snapshot hostile_report() {
    exporters::Snapshot snapshot = exporters::busy_report();
    for (auto& [cookie, owner] : snapshot.owners) {
        owner.name = hostile_name();
        owner.processes = {{812, hostile_name(), 7}};
    }
    snapshot.host = hostile_name();
    return snapshot;
}

history::HistoryRow hostile_row() {
    history::RecordedSocket socket =
        history::ended(history::recorded(9, 1100s), 1200s, hostile_name());
    socket.owner = std::make_shared<const history::RecordedOwner>(history::RecordedOwner{
        hostile_name(), hostile_name(), "/" + hostile_name(), 812, hostile_name()});
    return {socket, history::at(1300s), 1};
}

std::vector<CheckResult> hostile_findings() {
    return {
        {"owners", CheckResult::Verdict::fails, hostile_name(), hostile_name(), hostile_name()}};
}

void expect_clean(const std::string& way, const std::string& text) {
    EXPECT_NE(text.find("a\xEF\xBF\xBD"), std::string::npos) << way << " does not have the name";
    EXPECT_EQ(control_in(text), "") << way;
    EXPECT_EQ(text::printable_lines(text), text) << way;
}

constexpr text::TerminalStyle kWide{4000, false};

}  // namespace

TEST(CleaningOfCommands, HistoryAndChecks) {
    expect_clean("history", history_text(hostile_row(), kWide));
    expect_clean("history as JSON", history::history_line(hostile_row()));
    expect_clean("check", findings_table(hostile_findings(), kWide));
    expect_clean("check as JSON", findings_json(hostile_findings()));
}

TEST(CleaningOfCommands, Comparison) {
    const exporters::Snapshot before = exporters::quiet_report();
    expect_clean("comparison", comparison_text(before, hostile_report(), kWide));
    expect_clean("comparison as JSON", comparison_json(before, hostile_report()));
}

TEST(CleaningOfCommands, TheScreenOfTop) {
    const std::deque<exporters::ToldTransition> transitions;
    for (const std::size_t width : {40U, 120U, 4000U}) {
        std::string text;
        for (const std::string& line :
             top::screen({hostile_report(), transitions, ""}, {}, 40, {width, false}).lines) {
            text += line + "\n";
        }
        expect_clean("top", text);
    }
}

TEST(CleaningOfCommands, AReportToHandOn) {
    expect_clean(
        "report",
        report_page({hostile_report(), "Linux", hostile_findings(), {hostile_row()}, {}, false}));
}

// The daemon may be anyone's.
TEST(CleaningOfCommands, TheStatusOfADaemon) {
    nlohmann::json status =
        nlohmann::json::parse(exporters::status_json(hostile_report(), exporters::kNow, {}));
    // What is no UTF-8 cannot come: a parser of JSON refuses it.
    const std::string escape = "a\x1b[2Ja\xc2\x9b\xe2\x80\xae";
    status["version"] = status["ports"] = status["worst"] = escape;
    status["addresses"] = {escape};
    status["collectors"][0]["name"] = escape;
    expect_clean("status", status_report(status.dump(), exporters::kWallTime, kWide).text);
    EXPECT_THROW(status_report("{\"schema\":\"\xff\"}", exporters::kWallTime, kWide),
                 std::runtime_error);
}

}  // namespace halfclosed
