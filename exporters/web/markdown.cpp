#include "exporters/web/markdown.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "text/markup.h"
#include "text/words.h"

namespace halfclosed::exporters {

namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        lines.push_back(line);
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return lines;
}

std::string element(const std::string& tag, const std::string& content) {
    return "<" + tag + ">" + content + "</" + tag + ">";
}

/// What stands between `mark` and the next one, from the start of `text` on; nothing if it does not begin so.
std::optional<std::string_view> between(std::string_view text, std::string_view mark) {
    if (!text.starts_with(mark)) {
        return std::nullopt;
    }
    const std::size_t end = text.find(mark, mark.size());
    return end == std::string_view::npos
               ? std::nullopt
               : std::optional(text.substr(mark.size(), end - mark.size()));
}

std::string inline_html(std::string_view text);

/// "[text](target)" at the start of `text`, and how long it is; 0: there is none.
std::size_t link(std::string_view text, std::string& html) {
    const std::size_t middle = text.starts_with('[') ? text.find("](") : std::string_view::npos;
    const std::size_t end = middle == std::string_view::npos ? middle : text.find(')', middle);
    if (end == std::string_view::npos) {
        return 0;
    }
    const std::string content = inline_html(text.substr(1, middle - 1));
    const std::string_view target = text.substr(middle + 2, end - middle - 2);
    html += target.starts_with('#')
                ? "<a href=\"" + text::html_escaped(target) + "\">" + content + "</a>"
                : content;
    return end + 1;
}

std::string inline_html(std::string_view text) {
    std::string html;
    std::string plain;
    const auto flush = [&] {
        html += text::html_prose(plain);
        plain.clear();
    };
    while (!text.empty()) {
        if (const auto code = between(text, "`")) {
            flush();
            html += element("code", text::html_prose(*code));
            text.remove_prefix(code->size() + 2);
        } else if (const auto strong = between(text, "**")) {
            flush();
            html += element("strong", inline_html(*strong));
            text.remove_prefix(strong->size() + 4);
        } else if (text.starts_with('[')) {
            std::string anchor;
            const std::size_t length = link(text, anchor);
            if (length > 0) {
                flush();
                html += anchor;
                text.remove_prefix(length);
            } else {
                plain += '[';
                text.remove_prefix(1);
            }
        } else {
            plain += text.front();
            text.remove_prefix(1);
        }
    }
    flush();
    return html;
}

std::string id_of(std::string_view heading) {
    std::string id;
    for (const char letter : heading) {
        if (std::isalnum(static_cast<unsigned char>(letter)) != 0) {
            id += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        } else if (letter == ' ') {
            id += '-';
        }
    }
    return id;
}

std::string heading(std::string_view line) {
    const std::size_t level = std::min<std::size_t>(line.find_first_not_of('#'), 6);
    const std::string_view text = line.substr(std::min(level + 1, line.size()));
    const std::string tag = "h" + std::to_string(level);
    return "<" + tag + " id=\"" + text::html_escaped(id_of(text)) + "\">" + inline_html(text) +
           "</" + tag + ">\n";
}

/// "| a | b |": its cells.
std::string row(std::string_view line, const std::string& tag) {
    std::string html;
    line.remove_prefix(1);
    while (!line.empty()) {
        const std::string_view cell = line.substr(0, line.find('|'));
        html += element(tag, inline_html(text::trimmed(cell)));
        line.remove_prefix(std::min(cell.size() + 1, line.size()));
    }
    return element("tr", html) + "\n";
}

/// The second line has the rules between titles and rows.
std::string table(const Lines& lines) {
    std::string html = "<thead>" + row(lines.front(), "th") + "</thead>\n<tbody>\n";
    for (std::size_t i = 2; i < lines.size(); ++i) {
        html += row(lines[i], "td");
    }
    return element("table", html + "</tbody>") + "\n";
}

bool is_code(std::string_view line) {
    return line.starts_with("    ");
}

std::string code(const Lines& lines) {
    std::string text;
    for (const std::string_view line : lines) {
        text += std::string(line.substr(std::min<std::size_t>(4, line.size()))) + "\n";
    }
    std::string escaped;
    for (const std::string_view line : lines_of(text)) {
        escaped += text::html_escaped(line) + "\n";
    }
    return "<pre><code>" + escaped + "</code></pre>\n";
}

std::string paragraph(const Lines& lines) {
    std::string text;
    for (const std::string_view line : lines) {
        text += (text.empty() ? "" : " ") + std::string(line);
    }
    return element("p", inline_html(text)) + "\n";
}

std::string block(const Lines& lines) {
    const std::string_view first = lines.front();
    if (first.starts_with('#')) {
        return heading(first);
    }
    if (first.starts_with('|') && lines.size() > 1) {
        return table(lines);
    }
    return is_code(first) ? code(lines) : paragraph(lines);
}

}  // namespace

std::string markdown_to_html(std::string_view text) {
    std::string html;
    Lines gathered;
    const auto flush = [&] {
        if (!gathered.empty()) {
            html += block(gathered);
            gathered.clear();
        }
    };
    for (const std::string_view line : lines_of(text)) {
        if (text::trimmed(line).empty()) {
            flush();
            continue;
        }
        gathered.push_back(line);
        if (line.starts_with('#')) {
            flush();
        }
    }
    flush();
    return html;
}

}  // namespace halfclosed::exporters
