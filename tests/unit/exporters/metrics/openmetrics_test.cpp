#include "exporters/metrics/openmetrics.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "exporters/metrics/metrics_page.h"
#include "exporters/sample_snapshot.h"
#include "text/utf8.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;
using tracking::CloseWaitEnd;
using tracking::Side;

std::string openmetrics_of(const Snapshot& snapshot) {
    return metrics_page(snapshot, snapshot.instant, MetricsFormat::openmetrics);
}

bool says(const std::string& page, const std::string& line) {
    return page.find("\n" + line + "\n") != std::string::npos;
}

TEST(OpenMetrics, NamesFamiliesAsTheSpecificationWants) {
    const std::string page = openmetrics_of(busy_report());
    EXPECT_TRUE(says(page, "# TYPE halfclosed_transitions counter"));
    EXPECT_TRUE(
        says(page,
             "halfclosed_transitions_total{port=\"9999\",side=\"server\",from=\"established\",to="
             "\"close_wait\",evidence=\"implied\"} 3"));
    EXPECT_TRUE(says(page, "# TYPE halfclosed_build info"));
    EXPECT_TRUE(says(page, "halfclosed_build_info{version=\"0.1.0\",revision=\"abc1234\"} 1"));
    EXPECT_TRUE(says(page, "# UNIT halfclosed_state_duration_seconds seconds"));
    EXPECT_TRUE(says(page, "# UNIT process_cpu_seconds seconds"));
    EXPECT_TRUE(says(page, "# UNIT process_resident_memory_bytes bytes"));
    EXPECT_TRUE(says(page, "# UNIT halfclosed_accept_queue_fullest_ratio ratio"));
    EXPECT_TRUE(page.ends_with("\n# EOF\n"));
    EXPECT_EQ(page.find("# EOF"), page.size() - 6);
}

TEST(OpenMetrics, AHistogramHasCanonicalBounds) {
    const std::string page = openmetrics_of(busy_report());
    const std::string labels = "{port=\"9999\",side=\"server\",state=\"close_wait\"";
    EXPECT_TRUE(says(page, "halfclosed_state_duration_seconds_bucket" + labels + ",le=\"1.0\"} 1"));
    EXPECT_TRUE(
        says(page, "halfclosed_state_duration_seconds_bucket" + labels + ",le=\"+Inf\"} 3"));
    EXPECT_TRUE(says(page, "halfclosed_state_duration_seconds_count" + labels + "} 3"));
    EXPECT_TRUE(says(page, "halfclosed_state_duration_seconds_sum" + labels + "} 100042.25"));
}

/// A CLOSE-WAIT of 42 s of the leaky service ended.
DurationExemplars with_an_end(const Snapshot& before) {
    DurationExemplars exemplars;
    tracking::Changes changes;
    changes.ends = {{.socket = identity(before.sockets.front().record),
                     .watched = before.sockets.front().watched,
                     .state = TcpState::close_wait,
                     .how = CloseWaitEnd::closed,
                     .held = 42s}};
    exemplars.note(changes, kWallTime, before);
    return exemplars;
}

TEST(OpenMetrics, ABucketPointsToASocketThatItCounts) {
    Snapshot snapshot = busy_report();
    snapshot.exemplars = std::make_shared<const DurationExemplars>(with_an_end(snapshot));
    EXPECT_TRUE(says(openmetrics_of(snapshot),
                     "halfclosed_state_duration_seconds_bucket{port=\"9999\",side=\"server\",state="
                     "\"close_wait\",le=\"60.0\"} 2 # {cookie=\"5f3a\",owner=\"leaky.service\"} 42 "
                     "1770000000.000"));
    EXPECT_EQ(metrics_page(snapshot, kNow).find("cookie"), std::string::npos)
        << "the text format has no exemplars";
}

TEST(OpenMetrics, AnExemplarHasAtMostAHundredAndTwentyEightCharacters) {
    Snapshot snapshot = busy_report();
    snapshot.owners[Cookie{0x5f3a}].name = std::string(250, 'x') + "\"\n";
    snapshot.exemplars = std::make_shared<const DurationExemplars>(with_an_end(snapshot));
    const std::string page = openmetrics_of(snapshot);
    const std::size_t start = page.find(" # {cookie=\"5f3a\",owner=\"");
    ASSERT_NE(start, std::string::npos);
    const std::string owner = page.substr(start + 25, page.find("\"} 42", start) - start - 25);
    EXPECT_EQ(text::columns(owner) + 15, 128U) << owner;
}

TEST(DurationExemplars, TheLatestOfABucketStandsAndPortsGoWithTheirExemplars) {
    Snapshot snapshot = busy_report();
    DurationExemplars exemplars = with_an_end(snapshot);
    ASSERT_EQ(exemplars.latest.size(), 1U);
    tracking::Changes later;
    later.ends = {{.socket = {.cookie = Cookie{77}},
                   .watched = {0, 9999, Side::server},
                   .state = TcpState::close_wait,
                   .how = CloseWaitEnd::closed,
                   .held = 45s}};
    exemplars.note(later, kWallTime + 1s, snapshot);
    EXPECT_EQ(exemplars.latest.begin()->second[4],
              (Exemplar{Cookie{77}, "unknown", 45, kWallTime + 1s}));
    snapshot.port_labels = {"80"};
    exemplars.note({}, kWallTime, snapshot);
    EXPECT_TRUE(exemplars.latest.empty());
}

/// Every sample has a family before it, and every family its samples together.
TEST(OpenMetrics, SamplesStandUnderTheirFamilies) {
    for (const Snapshot& snapshot : {busy_report(), quiet_report(), crowded_report()}) {
        std::istringstream lines(openmetrics_of(snapshot));
        std::set<std::string> families;
        std::string family;
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("# TYPE ")) {
                family = line.substr(7, line.rfind(' ') - 7);
                EXPECT_TRUE(families.insert(family).second) << family << " comes twice";
            } else if (line.starts_with("# ")) {
                EXPECT_TRUE(line == "# EOF" || line.find(" " + family + " ") != std::string::npos)
                    << line;
            } else {
                EXPECT_TRUE(line.starts_with(family)) << line;
            }
        }
    }
}

TEST(AcceptedFormat, IsOpenMetricsWhereItIsWanted) {
    // What Prometheus 2.42 and 3 send.
    EXPECT_EQ(
        accepted_format("application/openmetrics-text;version=1.0.0,application/"
                        "openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,"
                        "*/*;q=0.1"),
        MetricsFormat::openmetrics);
    EXPECT_EQ(accepted_format("application/openmetrics-text; version=1.0.0; q=0.5, "
                              "text/plain;version=0.0.4;q=0.4"),
              MetricsFormat::openmetrics);
    EXPECT_EQ(accepted_format("text/plain, application/openmetrics-text;q=0.5"),
              MetricsFormat::text);
    EXPECT_EQ(accepted_format("application/openmetrics-text;version=0.0.1"), MetricsFormat::text);
    EXPECT_EQ(accepted_format("application/openmetrics-text;q=0"), MetricsFormat::text);
    EXPECT_EQ(accepted_format("application/openmetrics-text;q=nonsense"), MetricsFormat::text);
    EXPECT_EQ(accepted_format(""), MetricsFormat::text);
    EXPECT_EQ(accepted_format("*/*"), MetricsFormat::text);
    EXPECT_EQ(accepted_format(",;,=;q,"), MetricsFormat::text);
}

}  // namespace
}  // namespace halfclosed::exporters
