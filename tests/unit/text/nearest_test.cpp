#include "text/nearest.h"

#include <gtest/gtest.h>

#include "text/percent.h"

namespace halfclosed::text {
namespace {

const std::vector<std::string> kCommands{"serve", "snapshot", "watch", "record", "replay", "check"};

TEST(Nearest, FindsWhatWasMeant) {
    for (const auto& [word, meant] : {std::pair{"swerve", "serve"},
                                      {"serv", "serve"},
                                      {"snapshto", "snapshot"},
                                      {"snaphot", "snapshot"},
                                      {"wach", "watch"},
                                      {"watch", "watch"}}) {
        EXPECT_EQ(nearest(word, kCommands), meant) << word;
    }
}

TEST(Nearest, AnotherSpellingIsNoSlip) {
    EXPECT_EQ(nearest("ALL", {"own", "all"}), "all");
    EXPECT_EQ(nearest("CLOSE-WAI", {"close_wait", "closing"}), "close_wait");
    EXPECT_EQ(nearest("--Log_Level", {"--log-level", "--log-format"}), "--log-level");
}

TEST(Nearest, SaysNothingWhereNothingOrMoreThanOneIsNear) {
    for (const char* word : {"", "x", "list", "restart", "s"}) {
        EXPECT_EQ(nearest(word, kCommands), std::nullopt) << word;
    }
    EXPECT_EQ(nearest("inuse7", {"inuse6", "inuse8"}), std::nullopt);
    EXPECT_EQ(nearest(std::string(10'000, 'x'), kCommands), std::nullopt);
}

TEST(NotOneOf, ListsWhatThereIs) {
    EXPECT_EQ(not_one_of("clsing", "a state", {"closing", "last_ack"}),
              "'clsing' is not a state (closing, last_ack); did you mean 'closing'?");
    EXPECT_EQ(not_one_of("x", "a state", {"closing"}), "'x' is not a state (closing)");
}

TEST(PercentDecoded, MakesBytesAndRefusesTheRest) {
    EXPECT_EQ(percent_decoded("a%2Cb%2cc%00"), std::string("a,b,c\0", 6));
    EXPECT_EQ(percent_decoded("plain"), "plain");
    for (const char* text : {"%", "%4", "%4g", "%g4", "x%", "%-1"}) {
        EXPECT_EQ(percent_decoded(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace halfclosed::text
