#include "exporters/web/live_sections.h"

#include "exporters/snapshot/explanation.h"
#include "exporters/snapshot/owner_leaks.h"
#include "exporters/snapshot/owner_rows.h"
#include "text/markup.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

constexpr std::size_t kMostOwnerRows = 50;

std::string number_cell(const std::string& content, const char* style = "number") {
    return std::string("<td class=\"") + style + "\">" + content + "</td>";
}

/// "not_closed", or "1790 not_closed, 10 unread" of several.
std::string causes_text(const std::map<tracking::Cause, std::uint64_t>& causes) {
    std::string text;
    for (const auto& [cause, count] : causes) {
        text += (text.empty() ? "" : ", ") +
                (causes.size() > 1 ? std::to_string(count) + " " : std::string()) + name(cause);
    }
    return text.empty() ? "–" : text;
}

std::string owner_row(const OwnerRow& owner) {
    std::string leaked = std::to_string(owner.leaked);
    if (owner.dead > 0) {
        leaked += " (" + std::to_string(owner.dead) + " dead)";
    }
    if (owner.half_closed > owner.leaked) {
        leaked += " of " + std::to_string(owner.half_closed);
    }
    const bool bad = owner.leaked + owner.dead > 0;
    return "<tr><th scope=\"row\" class=\"owner\">" + text::html_escaped(owner.name) + "</th>" +
           number_cell(leaked, bad ? "number leaked bad" : "number leaked") +
           "<td class=\"cause\">" + causes_text(owner.causes) + "</td>" +
           number_cell(owner.growth_per_hour ? per_hour_text(*owner.growth_per_hour) : "–") +
           number_cell(owner.oldest ? age_text(*owner.oldest) : "–") +
           number_cell(owner.descriptors ? text_of(*owner.descriptors) : "–") +
           number_cell(owner.time_left ? text::duration_text(*owner.time_left) : "–") + "</tr>\n";
}

std::string sparkline(const char* id, const char* title) {
    return std::string("<figure class=\"spark\"><figcaption>") + title + " <span id=\"" + id +
           "-most\"></span></figcaption><svg id=\"" + id +
           "\" viewBox=\"0 0 300 40\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"" +
           title + " over the recorded history\"><path d=\"\"/></svg></figure>\n";
}

}  // namespace

std::string owners_section(const Snapshot& snapshot, bool known) {
    std::string rows;
    std::size_t count = 0;
    if (known) {
        for (const OwnerRow& owner : owner_rows(snapshot)) {
            if (++count > kMostOwnerRows) {
                break;
            }
            rows += owner_row(owner);
        }
    }
    return "<section id=\"owners-section\"><h2>Owners</h2>\n<div class=\"scroll\" tabindex=\"0\" "
           "role=\"region\" aria-label=\"Owners\"><table><thead><tr><th scope=\"col\">owner</th>"
           "<th scope=\"col\" class=\"number\">leaked</th>"
           "<th scope=\"col\">cause</th><th scope=\"col\" class=\"number\">+ an hour</th>"
           "<th scope=\"col\" class=\"number\">oldest</th>"
           "<th scope=\"col\" class=\"number\">descriptors</th>"
           "<th scope=\"col\" class=\"number\">time left</th></tr></thead>\n"
           "<tbody id=\"owners\">\n" +
           rows + "</tbody></table></div>\n<p id=\"no-owners\"" +
           (known && rows.empty() ? "" : " hidden") +
           ">Nobody has a half-closed socket.</p></section>\n";
}

std::string history_section() {
    return "<section id=\"history\" hidden><h2>History</h2>\n<div class=\"sparks\">\n" +
           sparkline("spark-leaked", "leaked") + sparkline("spark-close_wait", "CLOSE-WAIT") +
           sparkline("spark-fin_wait2", "FIN-WAIT-2") +
           "</div>\n<svg viewBox=\"0 0 300 6\" preserveAspectRatio=\"none\" id=\"gaps\" "
           "role=\"img\" "
           "aria-label=\"When nobody looked\"></svg>\n<p class=\"slide\"><label for=\"slider\">At "
           "another time</label> <input type=\"range\" id=\"slider\" min=\"0\" max=\"0\" "
           "value=\"0\"> "
           "<button type=\"button\" id=\"to-now\" hidden>Back to now</button></p></section>\n";
}

}  // namespace halfclosed::exporters
