#include "exporters/web/landing_page.h"

#include <gtest/gtest.h>

#include "exporters/sample_snapshot.h"
#include "exporters/web/page_assets.h"
#include "text/markup.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;

std::string landing_page_of(const Snapshot& snapshot) {
    return landing_page(snapshot, snapshot.instant);
}

bool shows(const std::string& page, const std::string& text) {
    return page.find(text) != std::string::npos;
}

TEST(LandingPage, ShowsCountsHealthAndLinks) {
    const std::string page = landing_page_of(busy_report());
    EXPECT_TRUE(shows(page, "halfclosed <small>0.1.0</small>"));
    EXPECT_TRUE(shows(page, "<strong>9999 and 8000-8999</strong>"));
    EXPECT_TRUE(shows(page,
                      "<th scope=\"row\" class=\"name\">close_wait</th><td class=\"number\">3</td>"
                      "<td class=\"number\">0</td>"));
    EXPECT_TRUE(shows(page,
                      "<th scope=\"row\" class=\"name\">last_ack</th><td class=\"number\">0</td>"
                      "<td class=\"number\">1</td>"));
    EXPECT_TRUE(shows(page, "<th scope=\"row\" class=\"owner\">leaky.service</th>"));
    EXPECT_TRUE(shows(
        page, "<th scope=\"row\" class=\"name\">closing</th><td class=\"good\">✓ works</td>"));
    for (const char* link : {"/metrics", "/api/v1/snapshot", "/-/ready", "/-/healthy"}) {
        EXPECT_TRUE(shows(page, "<a href=\"" + std::string(link) + "\">")) << link;
    }
}

/// Who may read about single sockets is another question than who may read the page.
TEST(LandingPage, NamesTheWorstOwnerWithoutAScriptAndWithOne) {
    const std::string page = landing_page_of(crowded_report());
    const std::size_t worst = page.find("<p id=\"worst\" class=\"status bad\"><span");
    ASSERT_NE(worst, std::string::npos);
    EXPECT_EQ(page.find("shop.service leaks 1800 sockets", worst),
              page.find("shop.service", worst));
    EXPECT_TRUE(shows(page, "href=\"/runbook#descriptorsrunningout\""));
    EXPECT_FALSE(shows(page, "<noscript"));
    EXPECT_TRUE(
        shows(landing_page_of(quiet_report()), "<p id=\"worst\" class=\"status bad\" hidden>"));
}

TEST(LandingPage, AnOwnerHasItsCauses) {
    EXPECT_TRUE(shows(landing_page_of(busy_report()), "<td class=\"cause\">not_closed</td>"));
}

/// A report is read where no daemon answers.
TEST(StillPage, NamesTheWorstOwnerWithoutALink) {
    const std::string page = still_page(crowded_report());
    EXPECT_TRUE(shows(page, "shop.service leaks 1800 sockets"));
    EXPECT_FALSE(shows(page, "/runbook"));
}

TEST(LandingPage, WhatAScriptSetsAnewIsThereBlindToo) {
    Snapshot snapshot = busy_report();
    snapshot.closing.reset();
    snapshot.census.reset();
    const std::string page = landing_page_of(snapshot);
    for (const char* id : {"blind", "worst", "worst-text", "worst-link", "unaccounted", "summary",
                           "as-of", "owners", "sockets", "collectors", "reconciliation"}) {
        EXPECT_TRUE(shows(page, "id=\"" + std::string(id) + "\"")) << id;
    }
    EXPECT_TRUE(shows(page, "<body class=\"blind\">"));
    EXPECT_FALSE(shows(landing_page_of(busy_report()), "<body class=\"blind\">"));
}

TEST(LandingPage, TellsOfNoProcess) {
    const std::string page = landing_page_of(busy_report());
    EXPECT_TRUE(shows(page, "leaky.service leaks 1 socket"));
    EXPECT_FALSE(shows(page, "812"));
}

TEST(LandingPage, WhoIsBlindGivesNoAllClear) {
    Snapshot snapshot = quiet_report();
    EXPECT_TRUE(shows(landing_page_of(snapshot), "<p id=\"no-owners\">"));
    snapshot.closing.reset();
    EXPECT_TRUE(shows(landing_page_of(snapshot), "<p id=\"no-owners\" hidden>"));
}

TEST(LandingPage, SaysHowManyAreCountedWithoutDetail) {
    Snapshot snapshot = busy_report();
    snapshot.without_detail.sockets = 40'000;
    EXPECT_TRUE(shows(
        landing_page_of(snapshot),
        "40000 more are counted without detail (<span class=\"whole\">--max-sockets</span>)."));
}

TEST(LandingPage, IsAllowedByItsOwnSecurityPolicy) {
    std::string page = landing_page_of(busy_report());
    for (const std::string& allowed : {std::string("<script src=\"/live.js\"></script>"),
                                       "<style>" + std::string(kStyleSheet) + "</style>"}) {
        ASSERT_TRUE(shows(page, allowed)) << allowed;
        page.erase(page.find(allowed), allowed.size());
    }
    for (const char* forbidden : {"<style", "style=", "<script", "onload", "http://", "https://"}) {
        EXPECT_FALSE(shows(page, forbidden)) << forbidden;
    }
}

/// A browser shows what stands before a script while it reads that.
TEST(LandingPage, TheFirstWordsWaitForNothing) {
    const std::string page = landing_page_of(busy_report());
    const std::string before = page.substr(0, page.find("<script"));
    EXPECT_TRUE(shows(before, "</header>"));
    EXPECT_FALSE(shows(before, "rel=\"stylesheet\""));
    EXPECT_FALSE(shows(before, "id=\"blind\"")) << "what the script sets is read after it";
}

TEST(LandingPage, TheTitleHasTheHost) {
    Snapshot snapshot = busy_report();
    snapshot.host = "web<1>";
    EXPECT_TRUE(shows(landing_page_of(snapshot), "<title>web&lt;1&gt; · halfclosed</title>"));
}

/// A browser measures; these are the words that it begins with.
TEST(LandingPage, WordsAreNoWiderThanTheirPlace) {
    Snapshot snapshot = quiet_report();
    const tracking::PortMatch watched{0, 9999, tracking::Side::server};
    snapshot.closing->add(watched, TcpState::fin_wait2, tracking::Custody::process, 9999);
    snapshot.closing->add(watched, TcpState::fin_wait2, tracking::Custody::orphan, 9'999'000);
    snapshot.closing->add(watched, TcpState::fin_wait2, tracking::Custody::timewait, 989'001'000);
    snapshot.closing->add(watched, TcpState::last_ack, tracking::Custody::orphan, 12'345);
    const std::string page = landing_page_of(snapshot);
    EXPECT_TRUE(shows(page,
                      "id=\"box-fin_wait2-held\" data-room=\"140\" textLength=\"140\" "
                      "lengthAdjust=\"spacingAndGlyphs\">9999 held, 999M other</text>"));
    EXPECT_TRUE(shows(page, "id=\"box-last_ack-held\" data-room=\"140\">12k orphan</text>"));
}

TEST(LandingPage, TheEdgeThatIsNotTakenIsMissing) {
    const std::string missing = "id=\"edge-close_wait-last_ack\" class=\"step missing\"";
    EXPECT_TRUE(shows(landing_page_of(busy_report()), missing));
    EXPECT_FALSE(shows(landing_page_of(quiet_report()), missing));
}

TEST(LandingPage, ABoxHasItsNumberItsHoldersAndTheOldest) {
    const std::string page = landing_page_of(busy_report());
    EXPECT_TRUE(shows(page, "id=\"box-close_wait-count\" data-room=\"140\">3</text>"));
    EXPECT_TRUE(
        shows(page, "id=\"box-close_wait-held\" data-room=\"140\">2 held, 1 queued</text>"));
    EXPECT_TRUE(shows(page, "id=\"box-close_wait-age\" data-room=\"140\">oldest 4m12s</text>"));
    EXPECT_TRUE(shows(page, "id=\"box-fin_wait2-age\" data-room=\"140\">oldest 12s</text>"));
    EXPECT_TRUE(shows(page, "id=\"box-fin_wait2-left\" data-room=\"140\">≤ 48s left</text>"));
}

TEST(LandingPage, OwnersAreSortedByTheHarm) {
    const std::string page = landing_page_of(busy_report());
    const std::size_t owners = page.find("id=\"owners\"");
    const std::size_t leaky = page.find("leaky.service", owners);
    const std::size_t others = page.find(">unknown<", owners);
    ASSERT_NE(others, std::string::npos);
    EXPECT_LT(leaky, others);
    EXPECT_TRUE(shows(landing_page_of(quiet_report()), "Nobody has a half-closed socket."));
}

TEST(LandingPage, UnknownIsADash) {
    Snapshot snapshot = busy_report();
    snapshot.closing.reset();
    snapshot.sockets.clear();
    snapshot.collectors[0].success = false;
    const std::string page = landing_page_of(snapshot);
    EXPECT_TRUE(shows(page, "got no answer from the kernel"));
    EXPECT_TRUE(
        shows(page, "<th scope=\"row\" class=\"name\">close_wait</th><td class=\"number\">–</td>"));
    EXPECT_TRUE(
        shows(page, "<th scope=\"row\" class=\"name\">listen</th><td class=\"number\">1</td>"));
    EXPECT_TRUE(
        shows(page, "<th scope=\"row\" class=\"name\">closing</th><td class=\"bad\">✗ fails</td>"));
}

TEST(LandingPage, OldReportIsNotThePresent) {
    const Snapshot snapshot = busy_report();
    const std::string page = landing_page(snapshot, snapshot.instant + 61s);
    EXPECT_TRUE(shows(page, "The last poll was 1m01s ago"));
    EXPECT_TRUE(
        shows(page, "<th scope=\"row\" class=\"name\">listen</th><td class=\"number\">–</td>"));
    EXPECT_FALSE(shows(page, "✓"));
}

TEST(LandingPage, TextFromOutsideStaysText) {
    Snapshot snapshot = busy_report();
    snapshot.owners[Cookie{0x5f3a}].name = "<img src=x onerror=alert(1)>";
    const std::string page = landing_page_of(snapshot);
    EXPECT_FALSE(shows(page, "<img"));
    EXPECT_TRUE(shows(page, "&lt;img src=x onerror=alert(1)&gt;"));
}

TEST(HtmlEscaped, CoversElementsAndAttributes) {
    EXPECT_EQ(text::html_escaped("<a b=\"c\" d='e'>&\xFF"),
              "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\uFFFD");
}

TEST(PageAssets, AreCompiledIn) {
    EXPECT_TRUE(shows(kStyleSheet, "prefers-color-scheme: dark"));
    EXPECT_TRUE(shows(kIcon, "<svg"));
    EXPECT_TRUE(shows(kScript, "/api/v1/live"));
}

}  // namespace
}  // namespace halfclosed::exporters
