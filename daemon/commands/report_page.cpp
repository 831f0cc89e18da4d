#include "commands/report_page.h"

#include <algorithm>

#include "commands/history_line.h"
#include "exporters/snapshot/explanation.h"
#include "exporters/snapshot/half_closed.h"
#include "exporters/web/landing_page.h"
#include "exporters/web/page_assets.h"
#include "history/history_json.h"
#include "text/hex.h"
#include "text/markup.h"
#include "text/time.h"

namespace halfclosed {

namespace {

using text::html_escaped;

std::string cell(const std::string& content, const char* style = nullptr) {
    const std::string open =
        style == nullptr ? "<td>" : std::string("<td class=\"") + style + "\">";
    return open + html_escaped(content) + "</td>";
}

std::string head_cell(const std::string& content) {
    return "<th scope=\"row\" class=\"whole\">" + html_escaped(content) + "</th>";
}

std::string section(const std::string& title, const std::string& content) {
    return "<section><h2>" + title + "</h2>\n" + content + "</section>\n";
}

std::string table(std::initializer_list<const char*> columns, const std::string& rows) {
    std::string head;
    for (const char* const column : columns) {
        head += std::string("<th scope=\"col\">") + column + "</th>";
    }
    return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
           "aria-label=\"Table\"><table><thead><tr>" +
           head + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div>\n";
}

std::string left_out(std::size_t count) {
    return count > kMostReported ? "<p>and " + std::to_string(count - kMostReported) + " more</p>\n"
                                 : "";
}

std::string sockets(const exporters::Snapshot& snapshot) {
    std::string rows;
    std::size_t count = 0;
    const auto row = [&](const tracking::TrackedSocket& socket, const std::string& state,
                         const tracking::Age& age, const std::string& why) {
        if (++count > kMostReported) {
            return;
        }
        const SocketIdentity who = identity(socket.record);
        rows +=
            "<tr>" +
            head_cell(exporters::local_address(who, snapshot.interfaces_of(socket.record))) +
            cell(exporters::remote_address(who, snapshot.interfaces_of(socket.record)), "whole") +
            cell(state, "whole") + cell(exporters::age_text(age), "number whole") + cell(why) +
            cell(exporters::held_by(snapshot.owner(socket.record))) + "</tr>\n";
    };
    for (const tracking::TrackedSocket* socket : exporters::oldest_first(snapshot)) {
        row(*socket, name(socket->record.state), socket->age(snapshot.instant),
            exporters::why(*socket, snapshot.instant));
    }
    for (const tracking::DeadSocket* dead : exporters::dead_first(snapshot)) {
        row(dead->socket, "dead", dead->age(snapshot.instant),
            exporters::why(*dead, snapshot.instant));
    }
    return count == 0 ? "<p>None.</p>\n"
                      : table({"local", "remote", "state", "age", "why", "held by"}, rows) +
                            left_out(count);
}

std::string history_rows(const ReportContents& contents) {
    if (!contents.no_history.empty()) {
        return "<p>" + text::html_prose(contents.no_history) + "</p>\n";
    }
    const std::vector<history::HistoryRow>& all = contents.history;
    std::string rows;
    for (std::size_t i = all.size() > kMostReported ? all.size() - kMostReported : 0;
         i < all.size(); ++i) {
        const history::RecordedSocket& socket = all[i].socket;
        rows += "<tr>" + head_cell(text::rfc3339(socket.spans.front().began.time)) +
                cell(to_string(socket.record.local), "whole") +
                cell(to_string(socket.record.remote), "whole") + cell(states_text(all[i])) +
                cell(end_text(socket)) + cell(socket.owner->name) + "</tr>\n";
    }
    return rows.empty() ? "<p>Nothing was recorded.</p>\n"
                        : table({"began", "local", "remote", "states", "end", "owner"}, rows) +
                              left_out(all.size());
}

std::string checks(const std::vector<CheckResult>& results) {
    std::string rows;
    for (const CheckResult& result : results) {
        const bool fails = result.verdict == CheckResult::Verdict::fails;
        std::string note = result.note;
        for (const std::string& more : {result.costs, result.needs}) {
            note += more.empty() ? "" : "; " + more;
        }
        rows += "<tr>" + head_cell(result.what) +
                cell(name(result.verdict), fails ? "bad" : "good") + cell(note) + "</tr>\n";
    }
    return table({"what", "verdict", "note"}, rows);
}

}  // namespace

std::string report_page(const ReportContents& contents) {
    const exporters::Snapshot& snapshot = contents.snapshot;
    const std::string host = html_escaped(snapshot.host);
    const std::string time = text::rfc3339(snapshot.time);
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n<title>" +
        (host.empty() ? "" : host + " · ") + "halfclosed report, " + time + "</title>\n<style>" +
        exporters::kStyleSheet +
        "</style>\n</head>\n<body>\n<header><h1>halfclosed report</h1>\n<p>" +
        (host.empty() ? "" : "<strong>" + host + "</strong>, ") + time + ". halfclosed " +
        html_escaped(snapshot.build.version) + ", revision " +
        html_escaped(snapshot.build.revision) + "; " + html_escaped(contents.kernel) + ".";
    if (contents.masked) {
        page += " Addresses are masked: each stands for one and the same throughout.";
    }
    page += "</p></header>\n<main>\n" + exporters::still_page(snapshot);
    page += section("Half-closed sockets", sockets(snapshot));
    page += section("History", history_rows(contents));
    page += section("Check", checks(contents.checks));
    return page + "</main>\n</body>\n</html>\n";
}

}  // namespace halfclosed
