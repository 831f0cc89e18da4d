#include "cli/help_formatter.h"

#include <unistd.h>

#include <sstream>
#include <utility>
#include <vector>

#include "cli/terminal.h"
#include "text/terminal.h"
#include "text/utf8.h"

namespace halfclosed {

namespace {

constexpr std::size_t kColumn = 30;

const CLI::App& root_of(const CLI::App& app) {
    const CLI::App* root = &app;
    while (root->get_parent() != nullptr) {
        root = root->get_parent();
    }
    return *root;
}

/// `text` in lines behind `start`, which takes the place of the first indent.
std::string hanging(const std::string& start, const std::string& text, std::size_t indent,
                    std::size_t width) {
    const std::string lines = text::wrapped(text, indent, width);
    return lines.size() > indent ? start + lines.substr(indent) : start + "\n";
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode mode) const {
    std::string help = CLI::Formatter::make_help(app, std::move(name), mode);
    if (mode == CLI::AppFormatMode::Normal && app->get_parent() != nullptr) {
        const CLI::App& root = root_of(*app);
        while (help.ends_with("\n\n")) {
            help.pop_back();
        }
        help += make_group(
            "Common options", false, root.get_options([&root](const CLI::Option* option) {
                return option != root.get_help_ptr() && option->get_name() != "--version";
            }));
    }
    return wrapped_help(help, result_width(STDOUT_FILENO));
}

std::string wrapped_help(const std::string& help, std::size_t width) {
    std::istringstream lines(help);
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        if (text::columns(line) <= width) {
            result += line + "\n";
        } else if (!line.starts_with(' ')) {
            result += text::wrapped(line, 0, width);
        } else if (line.size() > kColumn && line[kColumn - 1] == ' ' && kColumn < width / 2 + 10) {
            result += hanging(line.substr(0, kColumn), line.substr(kColumn), kColumn, width);
        } else {
            const std::size_t indent = line.find_first_not_of(' ');
            result += hanging(line.substr(0, indent), line.substr(indent), indent, width);
        }
    }
    return result;
}

}  // namespace halfclosed
