# Man pages: dist_man_MANS += %D%/PAGE
