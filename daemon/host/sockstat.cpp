#include "host/sockstat.h"

#include <algorithm>
#include <array>
#include <span>

#include "host/lines.h"
#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {
namespace {

/// A number behind its name, and where it goes.
struct Field {
    std::string_view name;
    std::uint64_t& value;
    bool found = false;
};

/// Fills `fields` from the line "NAME: field number field number …".
void fill_from_line(std::string_view text, std::string_view name, std::span<Field> fields,
                    const std::string& file) {
    while (std::optional<std::string_view> line = next_line(text, file)) {
        const std::string_view word = text::next_word(*line);
        if (!word.ends_with(':') || word.substr(0, word.size() - 1) != name) {
            continue;
        }
        for (std::string_view key = text::next_word(*line); !key.empty();
             key = text::next_word(*line)) {
            const std::string_view value = text::next_word(*line);
            const auto field = std::find_if(fields.begin(), fields.end(),
                                            [key](const Field& f) { return f.name == key; });
            if (field == fields.end()) {
                continue;
            }
            const auto number = text::to_number<std::uint64_t>(value);
            if (!number) {
                throw posix::Error(file,
                                   std::string(name) + " " + std::string(key) + " is not a number");
            }
            field->value = *number;
            field->found = true;
        }
        for (const Field& field : fields) {
            if (!field.found) {
                throw posix::Error(file, "no " + std::string(field.name) + " in the " +
                                             std::string(name) + " line");
            }
        }
        return;
    }
    throw posix::Error(file, "no " + std::string(name) + " line");
}

}  // namespace

Sockstat parse_sockstat(std::string_view text, const std::string& file) {
    Sockstat values;
    std::array sockets{Field{"used", values.sockets_used}};
    std::array tcp{Field{"inuse", values.inuse}, Field{"orphan", values.orphan},
                   Field{"tw", values.tw}, Field{"alloc", values.alloc},
                   Field{"mem", values.mem_pages}};
    fill_from_line(text, "sockets", sockets, file);
    fill_from_line(text, "TCP", tcp, file);
    return values;
}

std::uint64_t parse_sockstat6(std::string_view text, const std::string& file) {
    std::uint64_t inuse6 = 0;
    std::array tcp6{Field{"inuse", inuse6}};
    fill_from_line(text, "TCP6", tcp6, file);
    return inuse6;
}

Sockstat read_sockstat(const std::string& directory) {
    const std::string file = directory + "/sockstat";
    const std::string file6 = directory + "/sockstat6";
    Sockstat values = parse_sockstat(posix::read_file(file), file);
    if (const std::optional<std::string> text6 = posix::read_file_if_present(file6)) {
        values.inuse6 = parse_sockstat6(*text6, file6);
    }
    return values;
}

}  // namespace halfclosed::host
