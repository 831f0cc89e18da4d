#include "exporters/web/runbook_page.h"

#include "exporters/web/markdown.h"
#include "exporters/web/page_assets.h"

namespace halfclosed::exporters {

std::string runbook_page() {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta name=\"color-scheme\" content=\"light dark\">\n"
           "<title>Runbook – halfclosed</title>\n"
           "<link rel=\"stylesheet\" href=\"/style.css\">\n"
           "<link rel=\"icon\" href=\"/icon.svg\">\n</head>\n<body>\n"
           "<header><nav aria-label=\"Page\"><a href=\"/\">halfclosed</a></nav></header>\n"
           "<main class=\"runbook\">\n" +
           markdown_to_html(kRunbook) + "</main>\n</body>\n</html>\n";
}

}  // namespace halfclosed::exporters
