#include "scenarios/diagram/text_width.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace halfclosed::scenarios {
namespace {

using testing::ElementsAre;

TEST(BrokenToWidth, BreaksAtBlanks) {
    const double width = sans_width("one two");
    EXPECT_THAT(broken_to_width("one two three", width), ElementsAre("one two", "three"));
    EXPECT_THAT(broken_to_width("  one \n two  ", width), ElementsAre("one two"));
    EXPECT_THAT(broken_to_width("", width), ElementsAre());
}

TEST(BrokenToWidth, BreaksAWordThatIsWiderThanALine) {
    const double width = sans_width("WWW");
    EXPECT_THAT(broken_to_width("a WWWWWWWW i", width), ElementsAre("a", "WWW", "WWW", "WW i"));
    EXPECT_THAT(broken_to_width("\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", width),
                ElementsAre("\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", "\xe4\xb8\xad"));
    EXPECT_THAT(broken_to_width("WW", 0.1), ElementsAre("W", "W")) << "one letter always fits";
}

TEST(CutToWidth, LeavesWhatFitsAndMarksWhatIsGone) {
    EXPECT_EQ(cut_to_width("late-close", 100), "late-close");
    const std::string cut = cut_to_width(std::string(100, 'x'), 10);
    EXPECT_TRUE(cut.ends_with("…"));
    EXPECT_LE(sans_width(cut), 10);
}

}  // namespace
}  // namespace halfclosed::scenarios
