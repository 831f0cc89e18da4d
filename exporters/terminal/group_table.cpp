#include "exporters/terminal/group_table.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>
#include <vector>

#include "exporters/snapshot/explanation.h"
#include "exporters/snapshot/owner_leaks.h"
#include "exporters/terminal/column_table.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

constexpr const char* kGrowth = "+/HOUR";
constexpr const char* kLeaked = "LEAKED";
constexpr const char* kLeft = "LEFT";
constexpr const char* kDescriptors = "FD/LIMIT";
constexpr const char* kOwner = "OWNER";
constexpr const char* kCause = "CAUSE";
constexpr std::size_t kIndent = 2;

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    return text;
}

std::string time_left_text(const Group& group) {
    return group.time_left ? text::duration_text(*group.time_left) : "";
}

std::string descriptors_text(const Group& group) {
    return group.descriptors ? std::to_string(group.descriptors->used) + "/" +
                                   std::to_string(group.descriptors->limit)
                             : "";
}

bool has_descriptors(const std::vector<Group>& groups) {
    return std::any_of(groups.begin(), groups.end(),
                       [](const Group& group) { return group.descriptors.has_value(); });
}

/// The figures of the groups, with their keys or without the first part of them.
ColumnTable table_of(const std::vector<Group>& groups, GroupBy by, bool with_first_key) {
    std::vector<ColumnTable::Column> columns;
    for (const std::string& key : group_keys(by)) {
        columns.push_back({upper(key), false});
    }
    if (!with_first_key) {
        columns.erase(columns.begin());
    }
    columns.insert(columns.end(),
                   {{"SOCKETS", true}, {kLeaked, true}, {"OLDEST", true}, {kGrowth, true}});
    const bool descriptors = has_descriptors(groups);
    if (descriptors) {
        columns.insert(columns.end(), {{kDescriptors, true}, {kLeft, true}});
    }
    ColumnTable table(std::move(columns));
    const std::vector<std::string>* above = nullptr;
    for (const Group& group : groups) {
        std::vector<std::string> cells;
        for (std::size_t i = with_first_key ? 0 : 1; i < group.key.size(); ++i) {
            const bool repeated = i == 0 && group.key.size() > 1 && above != nullptr &&
                                  above->front() == group.key.front();
            cells.push_back(repeated ? "" : text::printable(group.key[i]));
        }
        above = &group.key;
        cells.insert(
            cells.end(),
            {std::to_string(group.sockets), std::to_string(group.leaked), age_text(group.oldest),
             group.growth_per_hour ? per_hour_text(*group.growth_per_hour) : ""});
        if (descriptors) {
            cells.insert(cells.end(), {descriptors_text(group), time_left_text(group)});
        }
        table.add(std::move(cells), group.leaked > 0 ? text::Paint::red : text::Paint::plain);
    }
    std::vector<std::string> empty;
    const auto leave_out_unless = [&](const char* title, auto known) {
        if (std::none_of(groups.begin(), groups.end(), known)) {
            empty.emplace_back(title);
        }
    };
    leave_out_unless(kGrowth, [](const Group& group) { return group.growth_per_hour.has_value(); });
    leave_out_unless(kLeft, [](const Group& group) { return group.time_left.has_value(); });
    return table.without(empty);
}

/// Without what matters least, until it fits.
ColumnTable fitting(ColumnTable table, std::size_t width) {
    for (const char* const title : {kGrowth, kLeaked}) {
        if (table.width() <= width) {
            break;
        }
        table = table.without({title});
    }
    return table;
}

/// The first part of each key above its figures.
std::string stacked(const std::vector<Group>& groups, GroupBy by,
                    const text::TerminalStyle& style) {
    const ColumnTable table = fitting(table_of(groups, by, false), style.width - kIndent);
    const text::TerminalStyle inner{style.width - kIndent, style.color};
    const std::string margin(kIndent, ' ');
    std::string result = text::painted(upper(group_keys(by).front()), text::Paint::bold, style) +
                         "\n" + margin + table.title_line(inner) + "\n";
    for (std::size_t row = 0; row < groups.size(); ++row) {
        const Group& group = groups[row];
        if (row == 0 || groups[row - 1].key.front() != group.key.front()) {
            result +=
                text::painted(text::cut(text::printable(group.key.front()), style.width),
                              group.leaked > 0 ? text::Paint::red : text::Paint::plain, style) +
                "\n";
        }
        result += margin + table.line(row, inner) + "\n";
    }
    return result;
}

/// Each owner with its causes as the second part of its key.
std::vector<Group> owners_with_causes(const Snapshot& snapshot) {
    std::map<std::string, std::string> causes;
    for (const Group& group : groups_of(snapshot, GroupBy::owner_and_cause)) {
        std::string& text = causes[group.key.front()];
        text += (text.empty() ? "" : ", ") + group.key.back();
    }
    std::vector<Group> owners = groups_of(snapshot, GroupBy::owner);
    for (Group& owner : owners) {
        owner.key.push_back(causes[owner.key.front()]);
    }
    return owners;
}

}  // namespace

std::string group_table(const Snapshot& snapshot, GroupBy by, const text::TerminalStyle& style,
                        std::optional<std::size_t> most) {
    std::vector<Group> groups = groups_of(snapshot, by);
    if (groups.empty()) {
        return {};
    }
    const std::size_t all = groups.size();
    groups.resize(std::min(all, most.value_or(all)));
    const ColumnTable table = table_of(groups, by, true);
    std::string result =
        table.width() <= style.width ? table.text(style) : stacked(groups, by, style);
    if (all > groups.size()) {
        result += "… and " + std::to_string(all - groups.size()) + " more\n";
    }
    return result;
}

std::string owner_lines(const Snapshot& snapshot, const text::TerminalStyle& style) {
    constexpr std::size_t kShortest = 12;
    const std::vector<Group> owners = owners_with_causes(snapshot);
    if (owners.empty()) {
        return {};
    }
    ColumnTable table = table_of(owners, GroupBy::owner_and_cause, true);
    const ColumnTable shortest = table.narrowed(kOwner, text::kNoWidth, kShortest)
                                     .narrowed(kCause, text::kNoWidth, kShortest);
    // How many descriptors are used matters less than when they are used up, if that is known.
    const bool has_time_left = std::any_of(owners.begin(), owners.end(), [](const Group& group) {
        return group.time_left.has_value();
    });
    std::vector<std::string> left_out;
    for (const char* const title : {kGrowth, has_time_left ? kDescriptors : kLeaked,
                                    has_time_left ? kLeaked : kDescriptors}) {
        if (shortest.without(left_out).width() <= style.width) {
            break;
        }
        left_out.emplace_back(title);
    }
    table = table.without(left_out);
    for (const char* const title : {kCause, kOwner}) {
        const std::size_t excess = table.width() - std::min(table.width(), style.width);
        table = table.narrowed(title, excess, kShortest);
    }
    return table.text(style);
}

}  // namespace halfclosed::exporters
