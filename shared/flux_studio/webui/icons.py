"""The pictures on our buttons, as data URIs; the host inverts SVG ones in dark mode."""

INFO = (
    "data:image/svg+xml;utf8,"
    "<svg xmlns='http://www.w3.org/2000/svg' fill='none' viewBox='0 0 24 24' stroke-width='1.8' stroke='%234b5563'>"
    "<path stroke-linecap='round' stroke-linejoin='round' d='M11.25 11.25h.75v5.25m9-4.5a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z"
    "M12 8.25h.008v.008H12V8.25Z'/></svg>"
)

EDIT = (
    "data:image/svg+xml;utf8,"
    "<svg xmlns='http://www.w3.org/2000/svg' fill='none' viewBox='0 0 24 24' stroke-width='1.8' stroke='%234b5563'>"
    "<path stroke-linecap='round' stroke-linejoin='round' "
    "d='M20.5 3.5c-1-1-2.4-.6-3.2.3L9.5 12.5l2.5 2.5 8.2-7.8c.9-.8 1.3-2.7.3-3.7Z"
    "M9.5 12.5c-2.2-.2-3.8 1.1-4.2 3.2-.2 1.3-.9 2.2-2.3 2.6 2.9 2.4 8.3 1.7 9-3.3'/></svg>"
)

VARY = (
    "data:image/svg+xml;utf8,"
    "<svg xmlns='http://www.w3.org/2000/svg' fill='none' viewBox='0 0 24 24' stroke-width='1.8' stroke='%234b5563'>"
    "<path stroke-linecap='round' stroke-linejoin='round' "
    "d='M8 8V5.5A1.5 1.5 0 0 1 9.5 4h9A1.5 1.5 0 0 1 20 5.5v9a1.5 1.5 0 0 1-1.5 1.5H16"
    "M5.5 8h9A1.5 1.5 0 0 1 16 9.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 4 18.5v-9"
    "A1.5 1.5 0 0 1 5.5 8Z'/></svg>"
)

REUSE = (
    "data:image/svg+xml;utf8,"
    "<svg xmlns='http://www.w3.org/2000/svg' fill='none' viewBox='0 0 24 24' stroke-width='1.8' stroke='%234b5563'>"
    "<path stroke-linecap='round' stroke-linejoin='round' "
    "d='M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4'/></svg>"
)
