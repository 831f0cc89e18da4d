#include "exporters/web/markdown.h"

#include <gtest/gtest.h>

namespace halfclosed::exporters {
namespace {

TEST(Markdown, HeadingsHaveTheIdsThatLinksGoBy) {
    EXPECT_EQ(markdown_to_html("# A Title\n## CloseWaitLeak\ntext\n"),
              "<h1 id=\"a-title\">A Title</h1>\n<h2 id=\"closewaitleak\">CloseWaitLeak</h2>\n"
              "<p>text</p>\n");
}

TEST(Markdown, ParagraphsAndWhatIsWithin) {
    EXPECT_EQ(
        markdown_to_html("**Meaning.** `a < b` of\n[one](#one), [two](file.md) & [3]\n\nnext"),
        "<p><strong>Meaning.</strong> <code>a &lt; b</code> of <a href=\"#one\">one</a>, two "
        "&amp; [3]</p>\n<p>next</p>\n");
    EXPECT_EQ(markdown_to_html("an open ` and an open **"), "<p>an open ` and an open **</p>\n");
}

TEST(Markdown, CodeIsAsItStands) {
    EXPECT_EQ(markdown_to_html("    ls /proc/PID/fd | wc -l\n      two `*`\n"),
              "<pre><code>ls /proc/PID/fd | wc -l\n  two `*`\n</code></pre>\n");
}

TEST(Markdown, Tables) {
    EXPECT_EQ(
        markdown_to_html("| a | b |\n|---|---|\n| `x` | [y](#y) |\n"),
        "<table><thead><tr><th>a</th><th>b</th></tr>\n</thead>\n<tbody>\n<tr><td><code>x</code>"
        "</td><td><a href=\"#y\">y</a></td></tr>\n</tbody></table>\n");
}

TEST(Markdown, NothingIsNothing) {
    EXPECT_EQ(markdown_to_html(""), "");
    EXPECT_EQ(markdown_to_html("\n\n"), "");
}

}  // namespace
}  // namespace halfclosed::exporters
