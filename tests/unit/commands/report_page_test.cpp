#include "commands/report_page.h"

#include "commands/address_mask.h"
#include "exporters/sample_snapshot.h"
#include "history/history_folder.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

bool has(const std::string& page, const std::string& text) {
    return page.find(text) != std::string::npos;
}

ReportContents contents() {
    ReportContents contents;
    contents.snapshot = exporters::busy_report();
    contents.snapshot.host = "web<1>";
    contents.kernel = "Linux 6.18.0 x86_64";
    contents.checks = {{"poll (sock_diag)", CheckResult::Verdict::works, "1.0 ms", {}, {}},
                       {"MPTCP", CheckResult::Verdict::missing, "not told", "costs", "needs"}};
    contents.history = {
        {history::ended(history::recorded(9, 1100s), 1200s), history::at(1300s), 1}};
    return contents;
}

TEST(ReportPage, HasAllOfIt) {
    const std::string page = report_page(contents());
    for (const char* part :
         {"web&lt;1&gt;", "Linux 6.18.0 x86_64", "0.1.0",
          "id=\"box-close_wait-count\" data-room=\"140\">3</text>", "leaky.service",
          "read end-of-file, has not called close()", "close_wait 1m40s (not_closed)",
          "shop.service", "MPTCP", "not told; costs; needs"}) {
        EXPECT_TRUE(has(page, part)) << part;
    }
}

TEST(ReportPage, SaysWhoLeaksWhereEveryBrowserShowsIt) {
    const std::string page = report_page(contents());
    EXPECT_TRUE(has(page, "leaky.service leaks 1 socket (1 not_closed), the oldest 4m12s"));
    EXPECT_FALSE(has(page, "<noscript")) << "shown only where scripts are off";
}

TEST(ReportPage, StandsByItselfAndHasNoScript) {
    std::string page = report_page(contents());
    for (std::size_t arrow = 0; (arrow = page.find("url(#tip)")) != std::string::npos;) {
        page.erase(arrow, 9);  // an arrow's head, within the picture
    }
    for (const char* forbidden : {"<script", "src=", "<link", "http://", "https://", "url("}) {
        EXPECT_FALSE(has(page, forbidden)) << forbidden;
    }
    EXPECT_TRUE(has(page, "default-src 'none'"));
    EXPECT_TRUE(has(page, "prefers-color-scheme: dark"));
}

TEST(ReportPage, WithoutAHistoryItSaysWhy) {
    ReportContents without = contents();
    without.history.clear();
    without.no_history = "None: /var/lib/halfclosed/history.db: Permission denied";
    EXPECT_TRUE(has(report_page(without), "history.db: Permission denied"));
}

TEST(AddressMask, PutsTheSameForTheSameAndLeavesLoopback) {
    exporters::Snapshot snapshot = exporters::busy_report();
    snapshot.host = "web1";
    snapshot.sockets[0].record.remote = exporters::endpoint("198.51.100.7", 40000);
    snapshot.sockets[1].record.remote = exporters::endpoint("198.51.100.7", 40001);
    snapshot.sockets[2].record.remote = exporters::endpoint("2a01:4f8::1", 40002);
    snapshot.sockets[3].record.remote = exporters::endpoint("::ffff:198.51.100.9", 40003);
    AddressMask mask;
    mask.apply(snapshot);
    EXPECT_EQ(to_string(snapshot.sockets[0].record.remote), "240.0.0.1:40000");
    EXPECT_EQ(to_string(snapshot.sockets[1].record.remote), "240.0.0.1:40001");
    EXPECT_EQ(to_string(snapshot.sockets[2].record.remote), "[2001:db8::2]:40002");
    EXPECT_EQ(to_string(snapshot.sockets[3].record.remote), "[::ffff:240.0.0.3]:40003");
    EXPECT_EQ(to_string(snapshot.sockets[0].record.local), "127.0.0.1:9999");
    EXPECT_EQ(snapshot.host, "");
}

}  // namespace
}  // namespace halfclosed
