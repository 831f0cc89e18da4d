#include "cli/logging.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "control_characters.h"
#include "text/log.h"

namespace halfclosed {
namespace {

/// What the log says of a name that is not ours, in this format.
std::string logged(LogFormat format) {
    CommonOptions common;
    common.log_format = format;
    common.color = CommonOptions::Color::never;
    testing::internal::CaptureStderr();
    start_logging(common);
    log::error("{}: no such thing", hostile_name());
    exporters::Event event;
    event.message = hostile_name();
    event.fields = {{"owner", hostile_name()}};
    if (format != LogFormat::journal) {
        event_sink(common)(event, WallTime{});
    }
    return testing::internal::GetCapturedStderr();
}

TEST(Logging, SendsNoControlCharacterInAnyFormat) {
    for (const LogFormat format : {LogFormat::text, LogFormat::json, LogFormat::journal}) {
        const std::string log = logged(format);
        EXPECT_NE(log.find("no such thing"), std::string::npos);
        EXPECT_EQ(control_in(log), "");
    }
}

// A line of its own would have a priority of its own in the journal.
TEST(Logging, AMessageIsOneLine) {
    const std::string log = logged(LogFormat::journal);
    EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1);
}

}  // namespace
}  // namespace halfclosed
