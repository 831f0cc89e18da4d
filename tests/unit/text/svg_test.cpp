#include "text/svg.h"
#include "text/markup.h"

#include <gtest/gtest.h>

namespace halfclosed::text {
namespace {

TEST(HtmlEscaped, IsTextOfXmlWhateverItWas) {
    EXPECT_EQ(html_escaped("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
    EXPECT_EQ(html_escaped("\xc3\xa4 \xe4\xb8\xad"), "\xc3\xa4 \xe4\xb8\xad");
    EXPECT_EQ(html_escaped("a\x01\n\x7f"), "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(html_escaped("a\xff"), "a\xef\xbf\xbd");
    EXPECT_EQ(html_escaped("\xef\xbf\xbfz"), "\xef\xbf\xbdz") << "U+FFFF is no character of XML";
    EXPECT_EQ(html_escaped(""), "");
}

TEST(Markup, AFlagStaysInOneLineOfAPage) {
    EXPECT_EQ(html_prose("none (--port all)."), "none (<span class=\"whole\">--port</span> all).");
    EXPECT_EQ(html_prose("--leak-after <60s>, a--b, -- and -q"),
              "<span class=\"whole\">--leak-after</span> &lt;60s&gt;, a--b, -- and -q");
    EXPECT_EQ(html_prose(""), "");
}

TEST(SvgNumber, HasTwoPlacesAtMost) {
    const std::pair<double, const char*> cases[] = {
        {0, "0"},         {7, "7"},       {1.5, "1.5"}, {1.25, "1.25"},   {1.05, "1.05"},
        {-0.25, "-0.25"}, {-3.1, "-3.1"}, {0.004, "0"}, {1e6, "1000000"}, {99.999, "100"},
    };
    for (const auto& [number, text] : cases) {
        EXPECT_EQ(svg_number(number), text);
    }
}

TEST(SvgWriter, EscapesTextsAndTitles) {
    SvgWriter svg;
    svg.open_group("made", "a < b");
    svg.text(1, 2.5, Anchor::end, "mono", "x & y");
    svg.close_group();
    EXPECT_EQ(
        svg.take(),
        "<g class=\"made\"><title>a &lt; b</title>\n"
        "<text class=\"mono\" x=\"1\" y=\"2.5\" text-anchor=\"end\">x &amp; y</text>\n</g>\n");
}

}  // namespace
}  // namespace halfclosed::text
