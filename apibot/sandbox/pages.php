<?php
// Saves pages from JSON on stdin: {"user": "Name", "pages": [["Title", "text"], ...]}.
// These are real edits, so that links, categories, search, statistics and recent changes follow; nothing is saved
// if one of the titles is none.

use MediaWiki\MediaWikiServices;

require_once getenv( 'MW_INSTALL_PATH' ) . '/maintenance/Maintenance.php';

class ApibotPages extends Maintenance {
	public function execute() {
		$order = json_decode( stream_get_contents( STDIN ), true, 512, JSON_THROW_ON_ERROR );
		$services = MediaWikiServices::getInstance();
		$user = $services->getUserFactory()->newFromName( $order['user'] );
		$titles = [];
		foreach ( $order['pages'] as [ $text, ] ) {
			$title = $services->getTitleFactory()->newFromText( $text );
			if ( !$title || !$title->canExist() ) {
				$this->fatalError( "'$text' can not be the title of a page" );
			}
			$titles[] = $title;
		}
		foreach ( $order['pages'] as $row => [ $text, $wikitext ] ) {
			$page = $services->getWikiPageFactory()->newFromTitle( $titles[$row] );
			$content = $page->getContentHandler()->unserializeContent( $wikitext );
			$status = $page->doUserEditContent( $content, $user, '' );
			if ( !$status->isOK() ) {
				$this->fatalError( "'$text' can not be saved: $status" );
			}
		}
	}
}

$maintClass = ApibotPages::class;
require_once RUN_MAINTENANCE_IF_MAIN;
