#include "commands/check_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace halfclosed {
namespace {

using Verdict = CheckResult::Verdict;

std::vector<CheckResult> one_of_each() {
    return {
        {"poll", Verdict::works, "0.4 ms", "", ""},
        {"the lab", Verdict::missing, "why it is not there, in more words than a line has room for",
         "what goes without it", "what would bring it"},
        {"counts agree: tw", Verdict::fails, "counted 1, kernel 2", "", ""}};
}

TEST(CheckResult, OnlyAFailureFails) {
    std::vector<CheckResult> results = one_of_each();
    EXPECT_FALSE(all_well(results));
    results.pop_back();
    EXPECT_TRUE(all_well(results)) << "what is missing is no failure";
    EXPECT_TRUE(all_well({}));
}

TEST(CheckResult, TheTableSaysWhatIsMissingAndWhatItCosts) {
    EXPECT_EQ(findings_table(one_of_each(), {80, false}),
              "ok       poll              0.4 ms\n"
              "missing  the lab           why it is not there, in more words than a line has\n"
              "                           room for\n"
              "           without it      what goes without it\n"
              "           it needs        what would bring it\n"
              "FAILS    counts agree: tw  counted 1, kernel 2\n"
              "\n"
              "1 work, 1 missing, 1 failed\n");
}

TEST(CheckResult, TheTableKeepsToItsWidth) {
    for (const std::size_t width : {60U, 80U, 120U}) {
        std::istringstream table(findings_table(one_of_each(), {width, false}));
        for (std::string line; std::getline(table, line);) {
            EXPECT_LE(line.size(), width) << line;
            EXPECT_FALSE(line.ends_with(' ')) << line;
        }
    }
}

TEST(CheckResult, ColoursOnlyWhereItMay) {
    EXPECT_EQ(findings_table(one_of_each(), {80, false}).find('\033'), std::string::npos);
    EXPECT_NE(findings_table(one_of_each(), {80, true})
                  .find(text::painted("FAILS", text::Paint::red, {80, true})),
              std::string::npos);
    EXPECT_NE(findings_table(one_of_each(), {80, true}).find('\033'), std::string::npos);
}

TEST(CheckResult, JsonHasTheKeysInTheirOrder) {
    const std::string line = findings_json(one_of_each());
    const auto json = nlohmann::ordered_json::parse(line);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(json["schema"], "halfclosed.check/1");
    EXPECT_EQ(json["result"], "fail");
    EXPECT_EQ(
        json["findings"][1].dump(),
        "{\"what\":\"the lab\",\"verdict\":\"missing\",\"note\":\"why it is not there, in more "
        "words than a line has room for\",\"costs\":\"what goes without it\",\"needs\":\"what "
        "would bring it\"}");
    EXPECT_TRUE(json["findings"][0]["costs"].is_null());
    EXPECT_NO_THROW(nlohmann::json::parse(findings_json({{"x", Verdict::fails, "\xff", "", ""}})));
}

}  // namespace
}  // namespace halfclosed
